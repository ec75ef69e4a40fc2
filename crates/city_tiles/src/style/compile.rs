//! An expression's compiled form.

use super::ast::{BinaryOperator, Expr, ExprKind, TemplatePart, Variable};
use super::code::{Code, OneOf, TemplateCode};
use super::color;
use super::error::{ExpressionError, ExpressionErrorKind as Kind};
use super::eval::{Context, Scratch, evaluate};
use super::functions::Function;
use super::outcome::{EvaluationError, EvaluationErrorKind, Inputs, NoProperties, PointSemantic};
use super::span::Span;
use super::suggest::nearest;
use super::value::{StyleValue, ValueType};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The variable of the tileset's time.
pub(super) const TIME: &str = "tiles3d_tileset_time";

/// Comparisons with constants from which on a set is quicker.
const MANY: usize = 6;

/// What the expressions of a style share.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    /// The properties' names; the index is the slot.
    pub(super) names: Vec<Arc<str>>,
    /// Whether members of the property are read: then a JSON text is read as an object.
    pub(super) members: Vec<bool>,
    /// Whether the time is read.
    pub(super) time: bool,
    by_name: HashMap<Arc<str>, u32>,
}

impl Slots {
    fn slot(&mut self, name: &str) -> u32 {
        if let Some(slot) = self.by_name.get(name) {
            return *slot;
        }
        // An expression of 64 KiB has fewer names than that.
        let slot = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.members.push(false);
        self.by_name.insert(name, slot);
        slot
    }
}

/// Compiles the expressions of one style.
pub(super) struct Compiler<'c> {
    pub(super) slots: &'c mut Slots,
    /// The defines that expressions may use, by name.
    pub(super) defines: &'c HashMap<Arc<str>, u32>,
    /// Parts without variables that fail.
    pub(super) failing: Vec<EvaluationError>,
}

impl Compiler<'_> {
    pub(super) fn compile(&mut self, expression: &Expr) -> Result<Code, ExpressionError> {
        let span = expression.span;
        let constant = |value| Ok(Code::Constant(value));
        let code = match &expression.kind {
            ExprKind::Undefined => return constant(StyleValue::Undefined),
            ExprKind::Null => return constant(StyleValue::Null),
            ExprKind::Boolean(value) => return constant(StyleValue::Boolean(*value)),
            ExprKind::Number(value) => return constant(StyleValue::Number(*value)),
            ExprKind::Text(text) => {
                return constant(StyleValue::String(text.clone().into()));
            }
            ExprKind::Variable(variable) => return Ok(self.variable(variable)),
            ExprKind::Template(template) => {
                let part = |part: &TemplatePart| {
                    Ok(match part {
                        TemplatePart::Text(text) => TemplateCode::Text(text.as_str().into()),
                        TemplatePart::Value(value) => TemplateCode::Value(self.compile(value)?),
                    })
                };
                let parts = template.parts.iter().map(part);
                return Ok(Code::Template(parts.collect::<Result<_, _>>()?, span));
            }
            ExprKind::Array(items) => Code::Array(self.all(items)?),
            ExprKind::Unary(operator, operand) => {
                Code::Unary(*operator, Box::new(self.compile(operand)?), span)
            }
            ExprKind::Binary(operator, pair) => self.binary(*operator, pair, span)?,
            ExprKind::Any(operands) => {
                let operands = self.all(operands)?;
                one_of(&operands, BinaryOperator::Equal).unwrap_or(Code::Any(operands, span))
            }
            ExprKind::All(operands) => {
                let operands = self.all(operands)?;
                one_of(&operands, BinaryOperator::NotEqual).unwrap_or(Code::All(operands, span))
            }
            ExprKind::Conditional(branches, otherwise) => {
                let branch =
                    |[test, then]: &[Expr; 2]| Ok([self.compile(test)?, self.compile(then)?]);
                let branches = branches.iter().map(branch).collect::<Result<_, _>>()?;
                Code::Conditional(branches, Box::new(self.compile(otherwise)?), span)
            }
            ExprKind::Member(object, name) => {
                let object = self.compile(object)?;
                self.read_members(&object);
                Code::Member(Box::new(object), name.as_str().into())
            }
            ExprKind::Index(pair) => {
                let object = self.compile(&pair[0])?;
                self.read_members(&object);
                Code::Index(Box::new([object, self.compile(&pair[1])?]))
            }
            ExprKind::Call(function, arguments) => {
                Code::Call(*function, self.all(arguments)?, span)
            }
            ExprKind::Method(method, object, arguments) => {
                let mut parts = vec![self.compile(object)?];
                for argument in arguments {
                    parts.push(self.compile(argument)?);
                }
                Code::Method(*method, parts.into(), span)
            }
        };
        self.fold(code)
    }

    fn all(&mut self, items: &[Expr]) -> Result<Box<[Code]>, ExpressionError> {
        items.iter().map(|item| self.compile(item)).collect()
    }

    fn variable(&mut self, variable: &Variable) -> Code {
        let name = variable.name.as_str();
        if variable.explicit {
            return Code::Property(self.slots.slot(name));
        }
        if let Some(define) = self.defines.get(name) {
            return Code::Define(*define);
        }
        if name == TIME {
            self.slots.time = true;
            return Code::Time;
        }
        let slot = self.slots.slot(name);
        match PointSemantic::ALL
            .into_iter()
            .find(|one| one.name() == name)
        {
            Some(semantic) => Code::Point(semantic, slot),
            None => Code::Property(slot),
        }
    }

    fn read_members(&mut self, object: &Code) {
        if let Code::Property(slot) | Code::Point(_, slot) = object
            && let Some(members) = self.slots.members.get_mut(*slot as usize)
        {
            *members = true;
        }
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        pair: &[Expr; 2],
        span: Span,
    ) -> Result<Code, ExpressionError> {
        let pair = [self.compile(&pair[0])?, self.compile(&pair[1])?];
        Ok(match &pair {
            [
                Code::Property(slot),
                Code::Constant(StyleValue::Number(value)),
            ] if operator.is_comparison() => Code::Compare(operator, *slot, *value, span),
            _ => Code::Binary(operator, Box::new(pair), span),
        })
    }

    /// The value of a part that has no variables. One that fails stays, and fails when it is looked at: it may stand
    /// behind an operator that skips it.
    fn fold(&mut self, code: Code) -> Result<Code, ExpressionError> {
        if !is_foldable(&code) {
            return Ok(code);
        }
        let mut scratch = Scratch::new(0);
        let mut context = Context {
            feature: &NoProperties,
            inputs: &Inputs::default(),
            defines: &[],
            scratch: &mut scratch,
        };
        let error = match evaluate(&code, &mut context) {
            Ok(value) => return Ok(Code::Constant(value.into_owned())),
            Err(error) => error,
        };
        let kind = match &error.kind {
            EvaluationErrorKind::UnknownColor(name) => Kind::UnknownColor {
                name: name.to_string(),
                nearest: nearest(name, color::names()),
            },
            EvaluationErrorKind::RegExp(reason) => Kind::RegExp(reason.to_string()),
            _ => {
                self.failing.push(error);
                return Ok(code);
            }
        };
        Err(ExpressionError::new(error.span, kind))
    }
}

fn is_foldable(code: &Code) -> bool {
    match code {
        Code::Array(items)
        | Code::Any(items, _)
        | Code::All(items, _)
        | Code::Method(_, items, _) => items.iter().all(Code::is_constant),
        Code::Call(function, items, _) => {
            let class = matches!(
                function,
                Function::IsClass | Function::IsExactClass | Function::GetExactClassName
            );
            !class && items.iter().all(Code::is_constant)
        }
        Code::Unary(_, operand, _) | Code::Member(operand, _) => operand.is_constant(),
        Code::Binary(_, pair, _) | Code::Index(pair) => pair.iter().all(Code::is_constant),
        Code::Conditional(branches, otherwise, _) => {
            otherwise.is_constant() && branches.iter().flatten().all(Code::is_constant)
        }
        _ => false,
    }
}

/// `${id} === 'a' || ${id} === 'b' || …` as one look into a set; `!==` with `&&` likewise. These cannot fail, so
/// nothing is lost by not going one by one.
fn one_of(operands: &[Code], operator: BinaryOperator) -> Option<Code> {
    if operands.len() < MANY {
        return None;
    }
    let mut slots = HashSet::new();
    let (mut texts, mut numbers) = (HashSet::new(), HashSet::new());
    for operand in operands {
        match operand {
            Code::Compare(own, slot, number, _) if *own == operator => {
                slots.insert(*slot);
                if !number.is_nan() {
                    numbers.insert(OneOf::key(*number));
                }
            }
            Code::Binary(own, pair, _) if *own == operator => match pair.as_ref() {
                [Code::Property(slot), Code::Constant(value)]
                | [Code::Constant(value), Code::Property(slot)]
                    if value.value_type() == ValueType::String =>
                {
                    slots.insert(*slot);
                    texts.insert(value.to_string().into());
                }
                _ => return None,
            },
            _ => return None,
        }
    }
    let mut slots = slots.into_iter();
    let (Some(slot), None) = (slots.next(), slots.next()) else {
        return None;
    };
    Some(Code::OneOf(Box::new(OneOf {
        slot,
        texts,
        numbers,
        negated: operator == BinaryOperator::NotEqual,
    })))
}

impl BinaryOperator {
    /// Whether it compares, and a number on the right makes it quick.
    fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
        )
    }
}
