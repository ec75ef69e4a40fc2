//! Tokens to an expression, by precedence climbing. Precedences are JavaScript's; `=~` and `!~` bind like `===`.

use super::ast::{BinaryOperator, Expr, ExprKind, MAX_DEPTH, Method, UnaryOperator, Variable};
use super::error::{ExpressionError, ExpressionErrorKind as Kind, shortened};
use super::functions::Function;
use super::lexer::{Token, TokenKind, tokens};
use super::span::Span;
use super::suggest::nearest;
use super::variable;

/// Longest expression in bytes. Lists of a few thousand ids fit.
pub const MAX_EXPRESSION_BYTES: usize = 64 << 10;

/// How tightly `||` and `&&` bind.
pub(super) const ANY: u8 = 1;
pub(super) const ALL: u8 = 2;

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expr, ExpressionError> {
    if text.len() > MAX_EXPRESSION_BYTES {
        let (found, limit) = (text.len(), MAX_EXPRESSION_BYTES);
        return Err(ExpressionError::new(
            Span::new(0, 0),
            Kind::TooLong { found, limit },
        ));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(ExpressionError::new(Span::new(0, text.len()), Kind::Empty));
    }
    let mut parser = Parser {
        text,
        tokens: &tokens,
        at: 0,
        nesting: 0,
    };
    let expression = parser.expression()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(ExpressionError::new(
            token.span,
            Kind::Trailing(shortened(parser.written(token.span))),
        )),
    }
}

/// An expression with what is inside, unless that is too deep.
pub(super) fn node(kind: ExprKind, span: Span) -> Result<Expr, ExpressionError> {
    let inside = kind.children().iter().map(|child| child.depth).max();
    let depth = inside.unwrap_or(0) + 1;
    if depth > MAX_DEPTH {
        return Err(too_deep(span));
    }
    Ok(Expr { kind, span, depth })
}

fn too_deep(span: Span) -> ExpressionError {
    ExpressionError::new(span, Kind::TooDeep { limit: MAX_DEPTH })
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn written(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn is_next(&self, symbol: &str) -> bool {
        self.is_symbol(self.at, symbol)
    }

    fn is_symbol(&self, at: usize, symbol: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token { kind: TokenKind::Symbol(s), .. }) if *s == symbol)
    }

    /// Goes over a symbol if it is next.
    fn accept(&mut self, symbol: &str) -> bool {
        let next = self.is_next(symbol);
        self.at += usize::from(next);
        next
    }

    fn expect(&mut self, symbol: &str, expected: &'static str) -> Result<Span, ExpressionError> {
        match self.peek() {
            Some(token) if self.accept(symbol) => Ok(token.span),
            _ => Err(self.expected(expected)),
        }
    }

    fn expected(&self, expected: &'static str) -> ExpressionError {
        let (span, found) = match self.peek() {
            Some(token) => (token.span, shortened(self.written(token.span))),
            None => (
                Span::new(self.text.len(), self.text.len()),
                "the end".to_owned(),
            ),
        };
        ExpressionError::new(span, Kind::Expected { expected, found })
    }

    /// Runs a part of the parser one level deeper.
    fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.nesting >= MAX_DEPTH {
            let span = self.peek().map_or(Span::new(0, 0), |token| token.span);
            return Err(too_deep(span));
        }
        self.nesting += 1;
        let result = parse(self);
        self.nesting -= 1;
        result
    }

    /// `test ? a : b`, or what binds tighter.
    fn expression(&mut self) -> Result<Expr, ExpressionError> {
        self.deeper(|parser| {
            let mut last = parser.binary(ANY)?;
            let mut branches = Vec::new();
            while parser.accept("?") {
                let then = parser.expression()?;
                parser.expect(":", "':' and the value for when the test is false")?;
                branches.push([last, then]);
                last = parser.binary(ANY)?;
            }
            let Some([first, _]) = branches.first() else {
                return Ok(last);
            };
            let span = first.span.to(last.span);
            node(ExprKind::Conditional(branches, Box::new(last)), span)
        })
    }

    fn binary(&mut self, least: u8) -> Result<Expr, ExpressionError> {
        let mut left = self.unary()?;
        loop {
            let Some(Token {
                kind: TokenKind::Symbol(symbol),
                ..
            }) = self.peek()
            else {
                return Ok(left);
            };
            let operator = BinaryOperator::by_symbol(symbol);
            let precedence = match (*symbol, operator) {
                ("||", _) => ANY,
                ("&&", _) => ALL,
                (_, Some(operator)) => operator.precedence(),
                _ => return Ok(left),
            };
            if precedence < least {
                return Ok(left);
            }
            self.at += 1;
            let right = self.binary(precedence + 1)?;
            let span = left.span.to(right.span);
            let kind = match operator {
                Some(operator) => ExprKind::Binary(operator, Box::new([left, right])),
                None if precedence == ANY => ExprKind::Any(chain(left, right, |kind| match kind {
                    ExprKind::Any(operands) => Ok(operands),
                    other => Err(other),
                })),
                None => ExprKind::All(chain(left, right, |kind| match kind {
                    ExprKind::All(operands) => Ok(operands),
                    other => Err(other),
                })),
            };
            left = node(kind, span)?;
        }
    }

    fn unary(&mut self) -> Result<Expr, ExpressionError> {
        let Some(token) = self.peek() else {
            return Err(self.expected("a value"));
        };
        let operator = match token.kind {
            TokenKind::Symbol("!") => UnaryOperator::Not,
            TokenKind::Symbol("-") => UnaryOperator::Minus,
            TokenKind::Symbol("+") => UnaryOperator::Plus,
            _ => return self.postfix(),
        };
        self.at += 1;
        let operand = self.deeper(Self::unary)?;
        let span = token.span.to(operand.span);
        node(ExprKind::Unary(operator, Box::new(operand)), span)
    }

    /// A value and the members and calls after it.
    fn postfix(&mut self) -> Result<Expr, ExpressionError> {
        let mut value = self.primary()?;
        loop {
            if self.accept(".") {
                value = self.member(value)?;
            } else if self.accept("[") {
                let index = self.expression()?;
                let end = self.expect("]", "']'")?;
                let span = value.span.to(end);
                value = match (&value.kind, &index.kind) {
                    // `${feature}['name']` is `${feature['name']}`.
                    (ExprKind::Variable(one), ExprKind::Text(name)) if one.is_feature() => {
                        node(ExprKind::Variable(Variable::explicit(name)), span)?
                    }
                    _ => node(ExprKind::Index(Box::new([value, index])), span)?,
                };
            } else if self.is_next("(") {
                let what = shortened(self.written(value.span));
                return Err(ExpressionError::new(value.span, Kind::NotAFunction(what)));
            } else {
                return Ok(value);
            }
        }
    }

    fn member(&mut self, object: Expr) -> Result<Expr, ExpressionError> {
        let Some(Token {
            kind: TokenKind::Identifier,
            span: at,
        }) = self.peek()
        else {
            return Err(self.expected("the name of a member"));
        };
        self.at += 1;
        let name = self.written(*at);
        if !self.is_next("(") {
            let span = object.span.to(*at);
            let kind = match &object.kind {
                ExprKind::Variable(one) if one.is_feature() => {
                    ExprKind::Variable(Variable::explicit(name))
                }
                _ => ExprKind::Member(Box::new(object), name.to_owned()),
            };
            return node(kind, span);
        }
        let Some(method) = Method::ALL.into_iter().find(|one| one.name() == name) else {
            let nearest = nearest(name, Method::ALL.map(Method::name));
            let name = name.to_owned();
            return Err(ExpressionError::new(
                *at,
                Kind::UnknownFunction { name, nearest },
            ));
        };
        self.at += 1;
        let (arguments, end) = self.arguments(")", "')' or ','")?;
        let span = object.span.to(end);
        // Without an argument `test` is false and `exec` is null, as in CesiumJS; more are a mistake.
        let most = usize::from(method != Method::ToString);
        if arguments.len() > most {
            let (function, found) = (method.name(), arguments.len());
            let takes = if most == 0 {
                "no argument"
            } else {
                "1 argument"
            };
            return Err(ExpressionError::new(
                *at,
                Kind::ArgumentCount {
                    function,
                    takes,
                    found,
                },
            ));
        }
        node(ExprKind::Method(method, Box::new(object), arguments), span)
    }

    /// Expressions with commas between them, up to and with a closing bracket.
    fn arguments(
        &mut self,
        close: &str,
        expected: &'static str,
    ) -> Result<(Vec<Expr>, Span), ExpressionError> {
        let mut arguments = Vec::new();
        if let (true, Some(token)) = (self.is_next(close), self.peek()) {
            self.at += 1;
            return Ok((arguments, token.span));
        }
        loop {
            arguments.push(self.expression()?);
            if self.accept(",") {
                continue;
            }
            return Ok((arguments, self.expect(close, expected)?));
        }
    }

    fn primary(&mut self) -> Result<Expr, ExpressionError> {
        let Some(token) = self.peek() else {
            return Err(self.expected("a value"));
        };
        let span = token.span;
        match &token.kind {
            TokenKind::Number(value) => {
                self.at += 1;
                node(ExprKind::Number(*value), span)
            }
            TokenKind::Text(quote, range) => {
                self.at += 1;
                let raw = self.text.get(range.clone()).unwrap_or_default();
                node(variable::text(*quote, raw, range.start)?, span)
            }
            TokenKind::Variable(range) => {
                self.at += 1;
                let inside = self.text.get(range.clone()).unwrap_or_default();
                let mut expression = variable::path(inside, range.start)?;
                expression.span = span;
                Ok(expression)
            }
            TokenKind::Symbol("(") => {
                self.at += 1;
                let mut inside = self.expression()?;
                let end = self.expect(")", "')'")?;
                inside.span = span.to(end);
                Ok(inside)
            }
            TokenKind::Symbol("[") => {
                self.at += 1;
                let (items, end) = self.arguments("]", "']' or ','")?;
                node(ExprKind::Array(items), span.to(end))
            }
            TokenKind::Identifier => self.name(span),
            TokenKind::Symbol(_) => Err(self.expected("a value")),
        }
    }

    /// A keyword, a constant or a call.
    fn name(&mut self, span: Span) -> Result<Expr, ExpressionError> {
        let name = self.written(span);
        self.at += 1;
        if self.accept("(") {
            return self.call(name, span);
        }
        let kind = match name {
            "true" => ExprKind::Boolean(true),
            "false" => ExprKind::Boolean(false),
            "null" => ExprKind::Null,
            "undefined" => ExprKind::Undefined,
            "NaN" => ExprKind::Number(f64::NAN),
            "Infinity" => ExprKind::Number(f64::INFINITY),
            "Math" | "Number" if self.is_next(".") => return self.constant(name, span),
            _ => return Err(unknown_name(name, span)),
        };
        node(kind, span)
    }

    /// `Math.PI`, `Math.E` or `Number.POSITIVE_INFINITY`.
    fn constant(&mut self, of: &str, start: Span) -> Result<Expr, ExpressionError> {
        self.at += 1;
        let Some(Token {
            kind: TokenKind::Identifier,
            span: end,
        }) = self.peek()
        else {
            return Err(self.expected("the name of a constant"));
        };
        self.at += 1;
        let name = self.written(*end);
        let span = start.to(*end);
        let value = match (of, name) {
            ("Math", "PI") => std::f64::consts::PI,
            ("Math", "E") => std::f64::consts::E,
            ("Number", "POSITIVE_INFINITY") => f64::INFINITY,
            _ => {
                let hint = match Function::by_name(name) {
                    Some(function) => format!("write {}", function.signature()),
                    None => "there are Math.PI, Math.E and Number.POSITIVE_INFINITY".to_owned(),
                };
                let name = shortened(&format!("{of}.{name}"));
                return Err(ExpressionError::new(span, Kind::UnknownName { name, hint }));
            }
        };
        node(ExprKind::Number(value), span)
    }

    /// A call whose opening parenthesis has been read.
    fn call(&mut self, name: &str, start: Span) -> Result<Expr, ExpressionError> {
        let Some(function) = Function::by_name(name) else {
            let nearest = nearest(name, Function::ALL.iter().map(|one| one.name()));
            let name = shortened(name);
            return Err(ExpressionError::new(
                start,
                Kind::UnknownFunction { name, nearest },
            ));
        };
        let (arguments, end) = self.arguments(")", "')' or ','")?;
        let (least, most) = function.arity();
        let found = arguments.len();
        if found < least || found > most {
            let (function, takes) = (function.name(), function.takes());
            let kind = Kind::ArgumentCount {
                function,
                takes,
                found,
            };
            return Err(ExpressionError::new(start.to(end), kind));
        }
        node(ExprKind::Call(function, arguments), start.to(end))
    }
}

/// `(a || b) || c` as one list of three: long lists of ids are not deep.
fn chain(
    left: Expr,
    right: Expr,
    operands: impl FnOnce(ExprKind) -> Result<Vec<Expr>, ExprKind>,
) -> Vec<Expr> {
    let Expr { kind, span, depth } = left;
    match operands(kind) {
        Ok(mut operands) => {
            operands.push(right);
            operands
        }
        Err(kind) => vec![Expr { kind, span, depth }, right],
    }
}

fn unknown_name(name: &str, span: Span) -> ExpressionError {
    const WORDS: [&str; 8] = [
        "true",
        "false",
        "null",
        "undefined",
        "NaN",
        "Infinity",
        "Math.PI",
        "Math.E",
    ];
    let name = shortened(name);
    let hint = match (nearest(&name, WORDS), Function::by_name(&name)) {
        (_, Some(function)) => format!("the function is called as {}", function.signature()),
        (Some(word), None) => format!("did you mean {word}?"),
        (None, None) => match name.as_str() {
            "PI" | "E" => format!("write Math.{name}"),
            _ => format!("a property is written ${{{name}}}, text '{name}'"),
        },
    };
    ExpressionError::new(span, Kind::UnknownName { name, hint })
}
