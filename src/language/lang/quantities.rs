//! Quantities and their units. Nothing is converted that does not carry its unit.

use crate::{
    diag::{Diagnostic, FileId, Fix},
    gas::{Gas, MAX_PRICE, Ratio, Variable},
};

use super::{
    ast::{Quantity, Span, Word},
    checker::Checker,
    expressions::decimal,
    suggest,
};

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// `gas`, `kgas`, `Mgas`, `Ggas`.
    Gas,
    /// `ms`, `s`, `min`, ...: counted in milliseconds here.
    Time,
    /// `Mgas/s`.
    Rate,
    /// `200x`: times `current`.
    Multiple,
    /// `5%`.
    Share,
    /// `2 digits`: of a round number.
    Digits,
}

impl Dimension {
    /// How a message calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gas => "gas",
            Self::Time => "a time",
            Self::Rate => "a rate",
            Self::Multiple => "a multiple",
            Self::Share => "a share",
            Self::Digits => "digits",
        }
    }
}

/// Every unit, what it measures, and how many of the dimension's base unit it is: numerator and denominator.
const UNITS: &[(&str, Dimension, i128, i128)] = &[
    ("gas", Dimension::Gas, 1, 1),
    ("kgas", Dimension::Gas, 1_000, 1),
    ("Mgas", Dimension::Gas, 1_000_000, 1),
    ("Ggas", Dimension::Gas, 1_000_000_000, 1),
    ("us", Dimension::Time, 1, 1_000),
    ("ms", Dimension::Time, 1, 1),
    ("s", Dimension::Time, 1_000, 1),
    ("min", Dimension::Time, 60_000, 1),
    ("h", Dimension::Time, 3_600_000, 1),
    ("gas/s", Dimension::Rate, 1, 1),
    ("kgas/s", Dimension::Rate, 1_000, 1),
    ("Mgas/s", Dimension::Rate, 1_000_000, 1),
    ("Ggas/s", Dimension::Rate, 1_000_000_000, 1),
    ("x", Dimension::Multiple, 1, 1),
    ("%", Dimension::Share, 1, 100),
    ("digits", Dimension::Digits, 1, 1),
];

/// What a unit measures, and its size in the dimension's base unit.
pub(super) fn unit(word: &Word, file: FileId) -> Result<(Dimension, Ratio), Diagnostic> {
    for (name, dimension, numerator, denominator) in UNITS {
        if *name == word.text
            && let Some(size) = Ratio::new(*numerator, *denominator)
        {
            return Ok((*dimension, size));
        }
    }
    let finding = Diagnostic::error("unknown-unit", format!("there is no unit `{}`", word.text))
        .at(file, &word.span, "not a unit");
    let fix = |message: String, replacement: String, sure| {
        Some(Fix {
            message,
            file,
            span: word.span.clone(),
            replacement,
            sure,
        })
    };
    if word.text.parse::<Variable>().is_ok() {
        let product = format!("* {}", word.text);
        return Err(finding.fix(fix("to multiply, write `*`".to_owned(), product, true)));
    }
    // `mgas` is more likely a slip than milligas, whatever comes first in the table.
    let known = || UNITS.iter().map(|(name, ..)| *name);
    let same = known()
        .rev()
        .find(|name| name.eq_ignore_ascii_case(&word.text));
    match same.or_else(|| suggest::closest(&word.text, known())) {
        Some(close) => {
            let sure = close.eq_ignore_ascii_case(&word.text);
            Err(finding.fix(fix(
                format!("did you mean `{close}`?"),
                close.to_owned(),
                sure,
            )))
        }
        None => Err(finding.note("units: gas, kgas, Mgas, Ggas; us, ms, s, min, h; x; %; digits")),
    }
}

/// A quantity of the dimension expected, in its base unit. `within`: the word that asks for a time.
pub(super) fn measure(
    checker: &mut Checker<'_>,
    quantity: &Quantity,
    expected: Dimension,
    within: Option<&Span>,
) -> Option<Ratio> {
    let file = checker.file;
    let mismatch = |found: &str, label: String| {
        let finding = Diagnostic::error(
            "unit-mismatch",
            format!("expected {}, found {found}", expected.name()),
        )
        .at(file, &quantity.span, label);
        match within {
            Some(span) => finding.also_at(file, span, "`within` takes a time, such as `10 s`"),
            None => finding,
        }
    };
    let Some(number) = decimal(&quantity.number.text) else {
        checker.found.push(
            Diagnostic::error("price-too-large", "this number is too large").at(
                file,
                &quantity.number.span,
                "",
            ),
        );
        return None;
    };
    let Some(word) = &quantity.unit else {
        let example = if expected == Dimension::Time {
            "s"
        } else {
            "Mgas"
        };
        let label = format!(
            "write the unit, such as `{} {example}`",
            quantity.number.text
        );
        checker
            .found
            .push(mismatch("a number without a unit", label));
        return None;
    };
    match unit(word, file) {
        Ok((dimension, size)) if dimension == expected => number.checked_mul(size),
        Ok((dimension, _)) => {
            let this = if dimension == Dimension::Gas {
                "this is an amount of gas".to_owned()
            } else {
                format!("this is {}", dimension.name())
            };
            checker.found.push(mismatch(dimension.name(), this));
            None
        }
        Err(finding) => {
            checker.found.push(finding);
            None
        }
    }
}

/// An amount of gas that blocks can have.
pub(super) fn gas(checker: &mut Checker<'_>, quantity: &Quantity) -> Option<Gas> {
    let value = measure(checker, quantity, Dimension::Gas, None)?;
    let gas = value
        .is_integer()
        .then(|| Gas::try_from(value.numerator()).ok())
        .flatten();
    match gas {
        Some(gas) if gas > 0 && gas <= MAX_PRICE => Some(gas),
        _ => {
            checker.found.push(out_of_range(
                checker,
                &quantity.span,
                "a whole amount of gas, above 0 and up to 2^40",
            ));
            None
        }
    }
}

/// The finding for a number that makes no sense where it stands.
pub(super) fn out_of_range(checker: &Checker<'_>, span: &Span, what: &str) -> Diagnostic {
    Diagnostic::error("out-of-range", format!("expected {what}")).at(checker.file, span, "")
}
