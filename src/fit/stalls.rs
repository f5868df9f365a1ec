//! Measurements that took far too long: a machine that stood still for minutes.
//!
//! A stall only ever adds time. So what holds of a scenario is a line that as many of its points as possible lie on and that none lies
//! far below: the least median of squares (Rousseeuw 1984), one-sided. It survives as many stalls as there are points on it.

/// A time this much above the line, relative, is a stall.
pub const STALL: f64 = 0.2;
/// And this many seconds: a machine that stands still does so for longer than any block's noise.
pub const STALL_S: f64 = 10.0;
/// And this many times above the scatter of the points on the line.
const STALL_SCATTER: f64 = 6.0;
/// A point is on a line that it is no further from than this part of it, or this many seconds.
const ON: f64 = 0.15;
const ON_S: f64 = 3.0;
/// Work that grows no faster than gas to this power is how some operations grow: in their square, and noise.
const GROWTH: f64 = 2.5;
/// And does so steadily: from one pair of levels to the next the power changes by no more than this.
const STEADY: f64 = 0.7;
/// Work of less than a second is noise.
const WORK_S: f64 = 1.0;
/// A line begins no further below an empty block's seconds than this part of them, or this many seconds.
const BELOW: f64 = 0.25;
const BELOW_S: f64 = 2.0;

/// Points far above the line that the others are on, by index. `fixed_s` are the seconds of an empty block, where these are known: every
/// point then says by itself what line it could be on.
pub fn stalls(points: &[(f64, f64)], fixed_s: Option<f64>) -> Vec<usize> {
    // A line through two points says nothing; of two levels the lower may be on one alone, where it is known where lines begin.
    let needed = match fixed_s {
        None => 3,
        Some(_) => points.len().saturating_sub(1).min(2),
    };
    let top = points.iter().map(|point| point.0).fold(0.0, f64::max);
    let best = lines(points, fixed_s)
        .into_iter()
        .map(|line| (line.on(points).count(), line))
        .max_by(|(on, a), (others, b)| {
            // Of lines with as many points on them the lowest: a stall only adds.
            on.cmp(others).then(b.at(top).total_cmp(&a.at(top)))
        });
    let Some((on, line)) = best else {
        return Vec::new();
    };
    if on < needed || grows(points, fixed_s.unwrap_or(line.intercept)) {
        return Vec::new();
    }
    line.far_above(points)
}

#[derive(Clone, Copy)]
struct Straight {
    intercept: f64,
    slope: f64,
}

/// Lines that the points could be on: through any two of them, and through each where it is known where lines begin.
fn lines(points: &[(f64, f64)], fixed_s: Option<f64>) -> Vec<Straight> {
    let mut lines = Vec::new();
    let mut through = |(x, y): (f64, f64), (other_x, other_y): (f64, f64)| {
        if x > other_x {
            let slope = (y - other_y) / (x - other_x);
            lines.push(Straight {
                intercept: y - slope * x,
                slope,
            });
        }
    };
    for one in points {
        for other in points {
            through(*one, *other);
        }
        if let Some(fixed_s) = fixed_s {
            through(*one, (0.0, fixed_s));
        }
    }
    let lowest = fixed_s.unwrap_or(0.0);
    let lowest = lowest - (BELOW * lowest).max(BELOW_S);
    lines.retain(|line| {
        line.slope >= 0.0
            && line.intercept >= lowest
            && !points.iter().any(|point| line.is_far_above(*point))
    });
    lines
}

impl Straight {
    fn at(self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    fn is_far_above(self, (x, y): (f64, f64)) -> bool {
        let line = self.at(x);
        line - y > STALL_S && line - y > STALL * line
    }

    fn on(self, points: &[(f64, f64)]) -> impl Iterator<Item = &(f64, f64)> {
        points.iter().filter(move |(x, y)| {
            let line = self.at(*x);
            (y - line).abs() <= (ON * line).max(ON_S)
        })
    }

    fn far_above(self, points: &[(f64, f64)]) -> Vec<usize> {
        let off = self.on(points).map(|(x, y)| (y / self.at(*x) - 1.0).abs());
        let least = STALL.max(STALL_SCATTER * off.fold(0.0, f64::max).min(ON));
        let is_far = |(x, y): &(f64, f64)| {
            let line = self.at(*x);
            y - line > STALL_S && y - line > least * line
        };
        (0..points.len())
            .filter(|at| is_far(&points[*at]))
            .collect()
    }
}

/// Whether work beyond `fixed_s` never falls with gas, and grows as operations do: steadily, and nowhere faster than their square.
fn grows(points: &[(f64, f64)], fixed_s: f64) -> bool {
    let mut by_gas = points.to_vec();
    by_gas.sort_by(|a, b| a.0.total_cmp(&b.0));
    by_gas.dedup_by(|a, b| a.0 <= b.0);
    let work = by_gas.iter().map(|(x, y)| (*x, y - fixed_s));
    // What small blocks take is noise.
    let work = work.skip_while(|(_, work)| *work < WORK_S);
    let by_gas: Vec<(f64, f64)> = work.map(|(x, work)| (x, work.max(WORK_S))).collect();
    let power = |pair: &[(f64, f64)]| (pair[1].1 / pair[0].1).ln() / (pair[1].0 / pair[0].0).ln();
    let powers: Vec<f64> = by_gas.windows(2).map(power).collect();
    let steady = |pair: &[f64]| (pair[0] - pair[1]).abs() <= STEADY;
    !powers.is_empty()
        && powers.iter().all(|power| (0.0..=GROWTH).contains(power))
        && powers.windows(2).all(steady)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Two of four levels may stall, wherever they are, and are named.
        #[test]
        fn half_of_the_levels_may_stall(
            slope in 0.05_f64..2.0,
            noise in prop::array::uniform4(-0.03_f64..0.03),
            stalled in prop::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=2),
            seconds in 80_f64..200.0,
        ) {
            let levels = [5.0, 15.0, 30.0, 60.0];
            let mut points: Vec<_> = levels
                .iter()
                .zip(noise)
                .map(|(x, noise)| (*x, 3.0 + slope * x * (1.0 + noise)))
                .collect();
            for at in &stalled {
                // Two that take as long again could be how the operation grows.
                points[*at].1 += seconds.max(2.5 * points[*at].1);
            }
            prop_assert_eq!(stalls(&points, Some(3.0)), stalled);
        }

        /// What grows in the square of gas, or in its root, is no stall.
        #[test]
        fn curves_are_none(power in 0.3_f64..2.2, size in 0.1_f64..300.0) {
            let points = [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 60.0]
                .map(|x: f64| (x, 3.0 + size * (x / 60.0).powf(power)));
            prop_assert_eq!(stalls(&points, Some(3.0)), Vec::<usize>::new());
            prop_assert_eq!(stalls(&points[2..6], Some(3.0)), Vec::<usize>::new());
        }
    }

    #[test]
    fn what_takes_no_longer_with_more_gas_stalls_too() {
        let levels = [5.0, 15.0, 30.0, 60.0];
        for at in 0..levels.len() {
            let mut points = levels.map(|x| (x, 5.1));
            points[at].1 = 190.0;
            assert_eq!(stalls(&points, Some(5.0)), [at]);
        }
    }

    #[test]
    fn of_two_levels_the_one_beyond_all_growth_is_a_stall() {
        assert_eq!(stalls(&[(5.0, 8.0), (10.0, 160.0)], Some(3.0)), [1]);
        assert_eq!(stalls(&[(5.0, 160.0), (10.0, 13.0)], Some(3.0)), [0]);
        assert!(stalls(&[(5.0, 8.0), (10.0, 20.0)], Some(3.0)).is_empty());
        assert!(stalls(&[(5.0, 8.0), (10.0, 160.0)], None).is_empty());
        assert!(stalls(&[(5.0, 160.0)], Some(3.0)).is_empty());
    }
}
