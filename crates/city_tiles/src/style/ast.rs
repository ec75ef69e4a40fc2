//! What an expression says.

use super::functions::Function;
use super::span::Span;

/// How deep things may stand inside each other.
pub const MAX_DEPTH: usize = 96;

/// An expression. Two are equal when they say the same, however they are spaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where in the text.
    pub span: Span,
    /// How deep it is; 1 has nothing inside.
    pub(super) depth: usize,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `undefined`
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number; `NaN` and `Infinity` too.
    Number(f64),
    /// A string without variables.
    Text(String),
    /// A string with variables.
    Template(Template),
    /// `${name}`, or `${feature.name}`
    Variable(Variable),
    /// `[a, b]`
    Array(Vec<Expr>),
    /// `-a`
    Unary(UnaryOperator, Box<Expr>),
    /// `a + b`
    Binary(BinaryOperator, Box<[Expr; 2]>),
    /// `a || b || c`
    Any(Vec<Expr>),
    /// `a && b && c`
    All(Vec<Expr>),
    /// `a ? b : c ? d : e`: tests with their results, and the last.
    Conditional(Vec<[Expr; 2]>, Box<Expr>),
    /// `a.name`
    Member(Box<Expr>, String),
    /// `a[b]`
    Index(Box<[Expr; 2]>),
    /// `abs(a)`
    Call(Function, Vec<Expr>),
    /// `a.test(b)`
    Method(Method, Box<Expr>, Vec<Expr>),
}

impl PartialEq for ExprKind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Undefined, Self::Undefined) | (Self::Null, Self::Null) => true,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            // NaN is the same text as NaN.
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Template(a), Self::Template(b)) => a == b,
            (Self::Variable(a), Self::Variable(b)) => a == b,
            (Self::Array(a), Self::Array(b))
            | (Self::Any(a), Self::Any(b))
            | (Self::All(a), Self::All(b)) => a == b,
            (Self::Unary(a, x), Self::Unary(b, y)) => a == b && x == y,
            (Self::Binary(a, x), Self::Binary(b, y)) => a == b && x == y,
            (Self::Conditional(a, x), Self::Conditional(b, y)) => a == b && x == y,
            (Self::Member(x, a), Self::Member(y, b)) => a == b && x == y,
            (Self::Index(a), Self::Index(b)) => a == b,
            (Self::Call(a, x), Self::Call(b, y)) => a == b && x == y,
            (Self::Method(a, o, x), Self::Method(b, p, y)) => a == b && o == p && x == y,
            _ => false,
        }
    }
}

/// A string with variables in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The quote that it stands in.
    pub(super) quote: char,
    /// What stands between the quotes.
    pub(super) raw: String,
    /// Its parts.
    pub parts: Vec<TemplatePart>,
}

/// A part of a string with variables.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// A variable, perhaps with members.
    Value(Expr),
}

/// A property of the feature, or a define.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// Written `${feature.name}`: never a define.
    pub explicit: bool,
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
}

impl UnaryOperator {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Not => "!",
            Self::Minus => "-",
            Self::Plus => "+",
        }
    }
}

macro_rules! binary_operators {
    ($($variant:ident $symbol:literal $precedence:literal;)*) => {
        /// An operator between its operands, without `||` and `&&`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum BinaryOperator {
            $(#[doc = concat!("`", $symbol, "`")] $variant,)*
        }

        impl BinaryOperator {
            /// As it is written.
            #[must_use]
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol,)* }
            }

            /// How tightly it binds; more is tighter.
            pub(super) fn precedence(self) -> u8 {
                match self { $(Self::$variant => $precedence,)* }
            }

            pub(super) fn by_symbol(symbol: &str) -> Option<Self> {
                match symbol { $($symbol => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

binary_operators! {
    Equal "===" 3;
    NotEqual "!==" 3;
    Matches "=~" 3;
    MatchesNot "!~" 3;
    Less "<" 4;
    LessOrEqual "<=" 4;
    Greater ">" 4;
    GreaterOrEqual ">=" 4;
    Add "+" 5;
    Subtract "-" 5;
    Multiply "*" 6;
    Divide "/" 6;
    Remainder "%" 6;
}

/// A function of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `regExp.test(text)`
    Test,
    /// `regExp.exec(text)`
    Exec,
    /// `vector.toString()`
    ToString,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Test, Self::Exec, Self::ToString];

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Exec => "exec",
            Self::ToString => "toString",
        }
    }
}

impl ExprKind {
    /// Everything directly inside, in the order of the text.
    pub(super) fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Undefined
            | Self::Null
            | Self::Boolean(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Variable(_) => Vec::new(),
            Self::Template(template) => template
                .parts
                .iter()
                .filter_map(|part| match part {
                    TemplatePart::Value(value) => Some(value),
                    TemplatePart::Text(_) => None,
                })
                .collect(),
            Self::Array(items) | Self::Any(items) | Self::All(items) | Self::Call(_, items) => {
                items.iter().collect()
            }
            Self::Unary(_, operand) | Self::Member(operand, _) => vec![operand],
            Self::Binary(_, pair) | Self::Index(pair) => pair.iter().collect(),
            Self::Conditional(branches, otherwise) => branches
                .iter()
                .flatten()
                .chain(std::iter::once(otherwise.as_ref()))
                .collect(),
            Self::Method(_, object, arguments) => {
                std::iter::once(object.as_ref()).chain(arguments).collect()
            }
        }
    }
}
