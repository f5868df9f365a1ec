//! The table that an EIP has of its prices.

use super::{
    changes::{Change, Value},
    exported::Exported,
};
use crate::report::text::line;

pub(super) fn text(changes: &[Change]) -> Exported {
    Exported {
        text: table(changes),
        nameless: Vec::new(),
    }
}

/// `| Gas param | Current | Proposed | Diff | Diff % |`, one row a price; names of execution-specs where there are any.
pub(in crate::report) fn table(changes: &[Change]) -> String {
    let mut out = String::new();
    line(
        &mut out,
        "| Gas param | Current | Proposed | Diff | Diff % |",
    );
    line(&mut out, "| --- | ---: | ---: | ---: | ---: |");
    for change in changes {
        let name = change
            .spec
            .clone()
            .unwrap_or_else(|| change.param.to_string());
        let old = change.old.as_ref().map_or_else(|| "n/a".to_owned(), plain);
        let (diff, share) = difference(change.old.as_ref(), &change.new);
        let new = plain(&change.new);
        let cells = [name, old, new, diff, share].map(|text| cell(&text));
        line(&mut out, format!("| {} |", cells.join(" | ")));
    }
    out
}

/// A cell of Markdown: what would end it does not.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Numbers without separators, as EIPs write them.
fn plain(value: &Value) -> String {
    match value {
        Value::Gas(gas) => gas.to_string(),
        Value::Formula(formula) => format!("`{formula}`"),
    }
}

fn difference(old: Option<&Value>, new: &Value) -> (String, String) {
    let (Some(old), Some(new)) = (old.and_then(Value::gas), new.gas()) else {
        return ("n/a".to_owned(), "n/a".to_owned());
    };
    let difference = i128::from(new) - i128::from(old);
    let diff = if difference > 0 {
        format!("+{difference}")
    } else {
        difference.to_string()
    };
    if old == 0 {
        return (diff, "n/a".to_owned());
    }
    // Whole per cent, but tenths of it where it is less than one; half away from zero.
    let tenths = (2_000 * difference.abs() / i128::from(old) + 1) / 2;
    let share = if tenths < 10 && difference != 0 {
        format!("0.{tenths}")
    } else {
        ((200 * difference.abs() / i128::from(old) + 1) / 2).to_string()
    };
    let sign = match difference {
        1.. => "+",
        0 => "",
        _ => "-",
    };
    (diff, format!("{sign}{share}%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell() {
        assert_eq!(cell("`a | b`"), "`a \\| b`");
    }

    #[test]
    fn per_cent_are_whole_and_signed() {
        let of = |old, new| difference(Some(&Value::Gas(old)), &Value::Gas(new));
        assert_eq!(of(5, 15), ("+10".to_owned(), "+200%".to_owned()));
        assert_eq!(of(8, 3), ("-5".to_owned(), "-63%".to_owned()));
        assert_eq!(of(0, 3), ("+3".to_owned(), "n/a".to_owned()));
        assert_eq!(of(34_000, 34_103), ("+103".to_owned(), "+0.3%".to_owned()));
    }
}
