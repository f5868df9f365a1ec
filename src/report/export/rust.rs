//! Constants in Rust.

use super::{
    changes::{Change, names},
    exported::Exported,
};
use crate::{gas::Schedule, lang, report::text::line};

pub(super) fn text(schedule: &Schedule, changes: &[Change]) -> Exported {
    let mut out = String::new();
    line(
        &mut out,
        format!(
            "//! {}: what differs from {}.",
            schedule.name,
            schedule.fork.name()
        ),
    );
    let (constants, curves): (Vec<&Change>, Vec<&Change>) = changes
        .iter()
        .partition(|change| change.new.gas().is_some());
    for change in constants {
        let name = change
            .spec
            .clone()
            .unwrap_or_else(|| shouted(&change.param.to_string()));
        out.push('\n');
        for reason in change.reason.iter().flat_map(|reason| reason.lines()) {
            line(&mut out, format!("/// {reason}"));
        }
        let before = change
            .old
            .as_ref()
            .map_or_else(|| "new".to_owned(), |old| format!("was {}", old.text()));
        line(
            &mut out,
            format!(
                "/// `{}`, {}; {before}.",
                change.param,
                lang::unit_of(&change.param)
            ),
        );
        line(
            &mut out,
            format!("pub const {name}: u64 = {};", change.new.text()),
        );
    }
    for change in &curves {
        out.push('\n');
        line(
            &mut out,
            format!("// {} is no constant: {}", change.param, change.new.text()),
        );
    }
    Exported {
        text: out,
        nameless: names(curves),
    }
}

/// `KECCAK256.per_word` as a constant's name.
fn shouted(name: &str) -> String {
    name.replace('.', "_").to_uppercase()
}
