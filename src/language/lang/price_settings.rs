//! The prices that a file sets, each with the statement that sets it.

use std::collections::BTreeMap;

use crate::gas::{CostFormula, Expr, Part, Variable};

use super::ast::{self, Span};

/// One price that this file sets.
pub(super) struct PriceSetting<'t> {
    pub part: Option<Part>,
    pub new: bool,
    /// The name that was priced.
    pub pick: Span,
    pub statement: &'t ast::Price,
    pub expr: Option<Expr>,
}

/// What this file sets, by operation.
pub(super) type Priced<'t> = BTreeMap<String, Vec<PriceSetting<'t>>>;

/// What operations are measured by.
pub(super) type Measured = BTreeMap<String, Vec<Variable>>;

impl PriceSetting<'_> {
    pub(super) const fn overlaps(&self, part: Option<Part>) -> bool {
        match (self.part, part) {
            (Some(Part::Base), Some(Part::Base)) | (None, _) | (_, None) => true,
            (Some(Part::Per(a)), Some(Part::Per(b))) => a as u8 == b as u8,
            _ => false,
        }
    }
}

/// The parts of a formula.
pub(super) fn parts(formula: &CostFormula) -> Vec<Part> {
    match formula {
        CostFormula::Linear { per, .. } if !per.is_empty() => {
            let mut all = vec![Part::Base];
            for (variable, _) in per {
                if !all.contains(&Part::Per(*variable)) {
                    all.push(Part::Per(*variable));
                }
            }
            all
        }
        _ => vec![Part::Whole],
    }
}
