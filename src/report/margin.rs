//! How closely blocks hold a target, and which are too close to call.

use serde::Serialize;

use super::number::{count, percent};
use super::text::line;
use crate::{
    prove::{BlockId, rates::too_close},
    solve::LoopOptions,
};

/// Blocks named one by one.
const NAMED: usize = 5;

/// How closely blocks hold or miss. Margins are parts of a block's work: at 0.12 it would hold if its work took 12 % longer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MarginLine {
    /// The margin that is asked for.
    pub asked: f64,
    /// The least margin of all blocks, below 0 a miss; absent where none has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closest: Option<f64>,
    /// The mean relative error of the model that seconds are from; absent where they are measured, or it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Blocks that are no further from the target than their cost may be off, the closest first.
    pub too_close: Vec<BlockId>,
    /// Whether any of the seconds are modelled.
    #[serde(skip)]
    pub modelled: bool,
}

/// A block, its margin, and how far off its cost may be.
pub type Known<'a> = (&'a BlockId, Option<f64>, Option<f64>);

impl MarginLine {
    /// Of `blocks`, of which a margin of `asked` is asked.
    pub fn of<'a>(asked: f64, blocks: impl IntoIterator<Item = Known<'a>>) -> Self {
        let tolerance = LoopOptions::default().tolerance;
        let mut closest: Option<f64> = None;
        let mut near: Vec<(f64, &BlockId)> = Vec::new();
        for (id, margin, error) in blocks {
            let Some(margin) = margin else {
                continue;
            };
            closest = Some(closest.map_or(margin, |least| least.min(margin)));
            if error.is_some_and(|error| too_close(margin, error, tolerance)) {
                near.push((margin.abs(), id));
            }
        }
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        Self {
            asked,
            closest,
            too_close: near.into_iter().map(|(_, id)| id.clone()).collect(),
            error: None,
            modelled: false,
        }
    }

    /// What a verdict goes on with: `, the closest by 1.2 %; the model's error is ±12 %`.
    pub fn text(&self) -> String {
        let Some(closest) = self.closest else {
            return String::new();
        };
        let tolerance = LoopOptions::default().tolerance;
        let by = if closest < -tolerance {
            format!(", the furthest by {}", percent(-closest))
        } else if closest < tolerance {
            format!(", the closest by less than {}", percent(tolerance))
        } else {
            format!(", the closest by {}", percent(closest))
        };
        let asked = if self.asked > 0.0 {
            format!(" ({} asked)", percent(self.asked))
        } else {
            String::new()
        };
        let error = match self.error {
            Some(error) => format!("; the model's error is ±{}", percent(error)),
            None if self.modelled => "; the model's error is not known".into(),
            None => String::new(),
        };
        format!("{by}{asked}{error}")
    }

    /// The blocks that are too close to call, in a line; none where there are none.
    pub fn near(&self) -> String {
        let mut out = String::new();
        let near = &self.too_close;
        if near.is_empty() {
            return out;
        }
        let mut names: Vec<&str> = Vec::new();
        for id in near {
            if !names.contains(&id.scenario.as_str()) {
                names.push(&id.scenario);
            }
        }
        let (named, rest) = names.split_at(NAMED.min(names.len()));
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let number = match near.len() {
            1 => "1 block lies".into(),
            n => format!("{} lie", count(n, "block")),
        };
        line(
            &mut out,
            format!(
                "too close to call: {number} no further from the target than its cost may be off: {}{more}",
                named.join(", ")
            ),
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(scenario: &str) -> BlockId {
        BlockId {
            scenario: scenario.into(),
            ..BlockId::default()
        }
    }

    #[test]
    fn blocks_within_the_error_are_too_close() {
        let (a, b, c, d) = (id("a"), id("b"), id("c"), id("d"));
        let error = Some(0.12);
        let of = |asked| {
            MarginLine::of(
                asked,
                [
                    (&a, Some(0.05), error),
                    (&b, Some(-0.02), error),
                    (&c, Some(0.12), error),
                    (&d, Some(-0.5), error),
                    (&d, Some(0.01), None),
                ],
            )
        };
        let mut line = of(0.0);
        assert_eq!(line.too_close, [b.clone(), a.clone()]);
        assert_eq!(line.text(), ", the furthest by 50 %");
        line.closest = Some(0.013);
        line.error = error;
        assert_eq!(
            line.text(),
            ", the closest by 1.3 %; the model's error is ±12 %"
        );
        assert_eq!(
            line.near(),
            "too close to call: 2 blocks lie no further from the target than its cost may be off: b, a\n"
        );
    }
}
