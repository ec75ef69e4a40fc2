//! Filter expressions, from words to a tree whose names are checked.

use super::{
    error::QueryError,
    lexer::{Token, tokens},
    model::Kind,
};

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    Time(i64),
    Path(Vec<String>),
    Not(Box<Self>),
    Negate(Box<Self>),
    Binary(Operator, Box<Self>, Box<Self>),
    Call(Function, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

impl Operator {
    fn from_word(word: &str) -> Option<(Self, u8)> {
        Some(match word {
            "or" => (Self::Or, 1),
            "and" => (Self::And, 2),
            "eq" => (Self::Eq, 3),
            "ne" => (Self::Ne, 3),
            "gt" => (Self::Gt, 3),
            "ge" => (Self::Ge, 3),
            "lt" => (Self::Lt, 3),
            "le" => (Self::Le, 3),
            "add" => (Self::Add, 4),
            "sub" => (Self::Sub, 4),
            "mul" => (Self::Mul, 5),
            "div" => (Self::Div, 5),
            "mod" => (Self::Mod, 5),
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    SubstringOf,
    Contains,
    StartsWith,
    EndsWith,
    Length,
    IndexOf,
    Substring,
    ToLower,
    ToUpper,
    Trim,
    Concat,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    FractionalSeconds,
    Round,
    Floor,
    Ceiling,
}

/// Name, function, fewest and most arguments.
const FUNCTIONS: [(&str, Function, usize, usize); 21] = [
    ("substringof", Function::SubstringOf, 2, 2),
    ("contains", Function::Contains, 2, 2),
    ("startswith", Function::StartsWith, 2, 2),
    ("endswith", Function::EndsWith, 2, 2),
    ("length", Function::Length, 1, 1),
    ("indexof", Function::IndexOf, 2, 2),
    ("substring", Function::Substring, 2, 3),
    ("tolower", Function::ToLower, 1, 1),
    ("toupper", Function::ToUpper, 1, 1),
    ("trim", Function::Trim, 1, 1),
    ("concat", Function::Concat, 2, 2),
    ("year", Function::Year, 1, 1),
    ("month", Function::Month, 1, 1),
    ("day", Function::Day, 1, 1),
    ("hour", Function::Hour, 1, 1),
    ("minute", Function::Minute, 1, 1),
    ("second", Function::Second, 1, 1),
    ("fractionalseconds", Function::FractionalSeconds, 1, 1),
    ("round", Function::Round, 1, 1),
    ("floor", Function::Floor, 1, 1),
    ("ceiling", Function::Ceiling, 1, 1),
];

/// Deepest nesting of an expression.
const MAX_DEPTH: usize = 64;

impl Expression {
    /// Reads an expression about entities of a kind.
    pub(super) fn parse(text: &str, kind: Kind) -> Result<Self, QueryError> {
        let tokens = tokens(text)?;
        let mut parser = Parser {
            tokens: &tokens,
            kind,
            text,
        };
        let expression = parser.binary(0, 0)?;
        if let Some(token) = parser.tokens.first() {
            return Err(parser.unexpected(token));
        }
        Ok(expression)
    }

    /// The terms that all must hold.
    pub(super) fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::Binary(Operator::And, a, b) => {
                let mut all = a.conjuncts();
                all.extend(b.conjuncts());
                all
            }
            other => vec![other],
        }
    }

    /// Calls `each` with every path in it.
    pub(super) fn paths(&self, each: &mut impl FnMut(&[String])) {
        match self {
            Self::Path(path) => each(path),
            Self::Not(of) | Self::Negate(of) => of.paths(each),
            Self::Binary(_, a, b) => {
                a.paths(each);
                b.paths(each);
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|a| a.paths(each)),
            _ => {}
        }
    }
}

/// Checks that a path exists for entities of a kind; below objects such as `properties` anything may be asked for.
pub(super) fn check_path(kind: Kind, path: &[String]) -> Result<(), QueryError> {
    let Some((first, rest)) = path.split_first() else {
        return Err(QueryError::bad("an empty path"));
    };
    if let Some(navigation) = kind.navigation(first) {
        if navigation.kind == Kind::Observation {
            return Err(QueryError::NotImplemented(format!(
                "{} cannot be chosen by their Observations; ask /Observations instead",
                kind.set()
            )));
        }
        return check_path(navigation.kind, rest);
    }
    let own = kind.properties().contains(&first.as_str());
    if own || matches!(first.as_str(), "id" | "@iot.id" | "@iot.selfLink") {
        return Ok(());
    }
    let known = kind.properties().join(", ");
    let detail = format!("{} have no {first}; they have id, {known}", kind.set());
    Err(QueryError::bad(detail))
}

struct Parser<'t> {
    tokens: &'t [Token],
    kind: Kind,
    text: &'t str,
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Option<&'t Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn unexpected(&self, token: &Token) -> QueryError {
        QueryError::bad(format!("unexpected {token:?} in \"{}\"", self.text))
    }

    fn end(&self) -> QueryError {
        QueryError::bad(format!("\"{}\" ends too early", self.text))
    }

    fn binary(&mut self, tightest: u8, depth: usize) -> Result<Expression, QueryError> {
        if depth > MAX_DEPTH {
            let detail = format!("an expression may be nested {MAX_DEPTH} deep");
            return Err(QueryError::bad(detail));
        }
        let mut left = self.unary(depth + 1)?;
        while let Some(Token::Word(word)) = self.tokens.first()
            && let Some((operator, binds)) = Operator::from_word(word)
            && binds > tightest
        {
            self.next();
            let right = self.binary(binds, depth + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, QueryError> {
        if depth > MAX_DEPTH {
            return self.binary(0, depth);
        }
        let token = self.next().ok_or_else(|| self.end())?;
        Ok(match token {
            Token::Number(number) => Expression::Number(*number),
            Token::Text(text) => Expression::Text(text.clone()),
            Token::Time(time_ns) => Expression::Time(*time_ns),
            Token::Minus => Expression::Negate(Box::new(self.unary(depth + 1)?)),
            Token::Open => {
                let inner = self.binary(0, depth + 1)?;
                self.expect(&Token::Close)?;
                inner
            }
            Token::Word(word) => self.word(word, depth)?,
            other => return Err(self.unexpected(other)),
        })
    }

    fn word(&mut self, word: &str, depth: usize) -> Result<Expression, QueryError> {
        match word {
            "null" => return Ok(Expression::Null),
            "true" => return Ok(Expression::Boolean(true)),
            "false" => return Ok(Expression::Boolean(false)),
            // Binds less than comparisons, more than `and`.
            "not" => return Ok(Expression::Not(Box::new(self.binary(2, depth + 1)?))),
            _ => {}
        }
        if self.tokens.first() == Some(&Token::Open) {
            return self.call(word, depth);
        }
        let path: Vec<String> = word.split('/').map(str::to_owned).collect();
        check_path(self.kind, &path)?;
        Ok(Expression::Path(path))
    }

    fn call(&mut self, name: &str, depth: usize) -> Result<Expression, QueryError> {
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let Some((_, function, fewest, most)) = known else {
            let detail = format!("this service has no function {name}()");
            return Err(QueryError::NotImplemented(detail));
        };
        self.expect(&Token::Open)?;
        let mut arguments = vec![self.binary(0, depth + 1)?];
        while self.tokens.first() == Some(&Token::Comma) {
            self.next();
            arguments.push(self.binary(0, depth + 1)?);
        }
        self.expect(&Token::Close)?;
        if !(*fewest..=*most).contains(&arguments.len()) {
            let detail = format!("{name}() takes {fewest} to {most} arguments");
            return Err(QueryError::bad(detail));
        }
        Ok(Expression::Call(*function, arguments))
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), QueryError> {
        match self.next() {
            Some(token) if token == wanted => Ok(()),
            Some(token) => Err(self.unexpected(token)),
            None => Err(self.end()),
        }
    }
}
