//! Expressions as text, with the fewest parentheses. What is printed reads as the same expression.

use super::ast::{Expr, ExprKind, Template, UnaryOperator, Variable};
use super::number;
use super::parser::{ALL, ANY};
use super::variable::is_plain_name;
use std::fmt::{self, Write};

/// How tightly the rest binds, beside [`ANY`], [`ALL`] and the operators.
const CONDITIONAL: u8 = 0;
const UNARY: u8 = 7;
const POSTFIX: u8 = 8;

fn precedence(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Conditional(..) => CONDITIONAL,
        ExprKind::Any(_) => ANY,
        ExprKind::All(_) => ALL,
        ExprKind::Binary(operator, _) => operator.precedence(),
        ExprKind::Unary(..) => UNARY,
        _ => POSTFIX,
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Undefined => f.write_str("undefined"),
            ExprKind::Null => f.write_str("null"),
            ExprKind::Boolean(value) => write!(f, "{value}"),
            ExprKind::Number(value) => {
                let mut text = String::new();
                number::write(&mut text, *value);
                f.write_str(&text)
            }
            ExprKind::Text(text) => quoted(f, text),
            ExprKind::Template(Template { quote, raw, .. }) => write!(f, "{quote}{raw}{quote}"),
            ExprKind::Variable(variable) => write!(f, "{variable}"),
            ExprKind::Array(items) => {
                f.write_char('[')?;
                list(f, items, ", ", CONDITIONAL)?;
                f.write_char(']')
            }
            ExprKind::Unary(operator, operand) => {
                f.write_str(operator.symbol())?;
                within(f, operand, UNARY)
            }
            ExprKind::Binary(operator, pair) => {
                within(f, &pair[0], operator.precedence())?;
                write!(f, " {} ", operator.symbol())?;
                within(f, &pair[1], operator.precedence() + 1)
            }
            ExprKind::Any(operands) => list(f, operands, " || ", ANY + 1),
            ExprKind::All(operands) => list(f, operands, " && ", ALL + 1),
            ExprKind::Conditional(branches, otherwise) => {
                for [test, then] in branches {
                    within(f, test, ANY)?;
                    f.write_str(" ? ")?;
                    within(f, then, CONDITIONAL)?;
                    f.write_str(" : ")?;
                }
                within(f, otherwise, ANY)
            }
            ExprKind::Member(object, name) => {
                within(f, object, POSTFIX)?;
                write!(f, ".{name}")
            }
            ExprKind::Index(pair) => {
                within(f, &pair[0], POSTFIX)?;
                write!(f, "[{}]", pair[1])
            }
            ExprKind::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                list(f, arguments, ", ", CONDITIONAL)?;
                f.write_char(')')
            }
            ExprKind::Method(method, object, arguments) => {
                within(f, object, POSTFIX)?;
                write!(f, ".{}(", method.name())?;
                list(f, arguments, ", ", CONDITIONAL)?;
                f.write_char(')')
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[Expr], between: &str, least: u8) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        within(f, item, least)?;
    }
    Ok(())
}

/// In parentheses where it binds less tightly than it must. Numbers before a member need them too: `(1).x`.
fn within(f: &mut fmt::Formatter<'_>, expression: &Expr, least: u8) -> fmt::Result {
    let number = least == POSTFIX && matches!(expression.kind, ExprKind::Number(_));
    if number || precedence(&expression.kind) < least {
        write!(f, "({expression})")
    } else {
        write!(f, "{expression}")
    }
}

/// A string in a quote that it does not hold. One that was read leaves at least its own.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quote = ['\'', '"', '`']
        .into_iter()
        .find(|quote| !text.contains(*quote))
        .unwrap_or('\'');
    write!(f, "{quote}{text}{quote}")
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        let plain = is_plain_name(name);
        if plain && !self.explicit {
            write!(f, "${{{name}}}")
        } else if plain && !name.starts_with(|c: char| c.is_ascii_digit()) {
            write!(f, "${{feature.{name}}}")
        } else if !name.contains('\'') {
            write!(f, "${{feature['{name}']}}")
        } else if !name.contains('"') {
            write!(f, "${{feature[\"{name}\"]}}")
        } else {
            write!(f, "${{feature}}[`{name}`]")
        }
    }
}

impl fmt::Display for UnaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}
