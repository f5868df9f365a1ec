//! Linear and separable quadratic programs, solved by an interior-point method.

use clarabel::{
    algebra::CscMatrix,
    solver::{
        DefaultSettings, DefaultSolver, IPSolver, SolverStatus,
        SupportedConeT::{self, NonnegativeConeT, ZeroConeT},
    },
};

/// Minimize `linear . x + x . diag(quadratic) . x / 2` over `x >= 0` with every line held.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub linear: Vec<f64>,
    pub quadratic: Vec<f64>,
    pub lines: Vec<Line>,
}

/// `terms . x >= least`, or `== least`.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub terms: Vec<(usize, f64)>,
    pub least: f64,
    pub equal: bool,
}

/// What came out.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Optimum(Optimum),
    /// No point satisfies every line.
    Infeasible,
    /// Neither was established.
    Failed(String),
}

/// A minimum.
#[derive(Clone, Debug)]
pub(super) struct Optimum {
    pub x: Vec<f64>,
    /// The linear part of the objective.
    pub value: f64,
    /// By how much the objective grows per unit that a line asks more; in the lines' order.
    pub duals: Vec<f64>,
}

impl Program {
    /// Adds a variable and answers its column.
    pub fn column(&mut self, cost: f64) -> usize {
        self.linear.push(cost);
        self.quadratic.push(0.0);
        self.linear.len() - 1
    }

    /// Adds `terms . x >= least`.
    pub fn at_least(&mut self, terms: Vec<(usize, f64)>, least: f64) {
        self.lines.push(Line {
            terms,
            least,
            equal: false,
        });
    }

    /// The minimum, to a relative accuracy of about 1e-9. Deterministic: one thread, no clock.
    pub fn minimize(&self) -> Outcome {
        if self.linear.is_empty() {
            let held = |l: &Line| l.least <= 0.0 && !(l.equal && l.least < 0.0);
            return if self.lines.iter().all(held) {
                Outcome::Optimum(Optimum {
                    x: Vec::new(),
                    value: 0.0,
                    duals: vec![0.0; self.lines.len()],
                })
            } else {
                Outcome::Infeasible
            };
        }
        let form = self.conic_form();
        let p = self.quadratic_form();
        let mut failure = String::new();
        for tolerance in TOLERANCES {
            let settings = settings(tolerance);
            let mut solver =
                match DefaultSolver::new(&p, &self.linear, &form.a, &form.b, &form.cones, settings)
                {
                    Ok(solver) => solver,
                    Err(error) => return Outcome::Failed(error.to_string()),
                };
            solver.solve();
            match solver.solution.status {
                SolverStatus::Solved | SolverStatus::AlmostSolved => {
                    let x = solver.solution.x.clone();
                    let mut duals = vec![0.0; self.lines.len()];
                    for (at, &i) in form.order.iter().enumerate() {
                        duals[i] = solver.solution.z[at];
                    }
                    let value = self.linear.iter().zip(&x).map(|(c, x)| c * x).sum();
                    return Outcome::Optimum(Optimum { x, value, duals });
                }
                SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => {
                    return Outcome::Infeasible;
                }
                status => failure = format!("{status:?}"),
            }
        }
        Outcome::Failed(failure)
    }
}

/// `A x + s = b` with s in cones: equalities first, then inequalities, then the signs of x.
struct ConicForm {
    a: CscMatrix<f64>,
    b: Vec<f64>,
    cones: [SupportedConeT<f64>; 2],
    /// The lines, in the matrix's order.
    order: Vec<usize>,
}

impl Program {
    fn conic_form(&self) -> ConicForm {
        let columns = self.linear.len();
        let mut order: Vec<usize> = (0..self.lines.len()).collect();
        order.sort_by_key(|&i| !self.lines[i].equal);
        let equal = self.lines.iter().filter(|l| l.equal).count();
        let (mut rows, mut cols, mut values, mut b) = (vec![], vec![], vec![], vec![]);
        for (at, &i) in order.iter().enumerate() {
            let line = &self.lines[i];
            for &(column, coefficient) in &line.terms {
                rows.push(at);
                cols.push(column);
                values.push(-coefficient);
            }
            b.push(-line.least);
        }
        for column in 0..columns {
            rows.push(order.len() + column);
            cols.push(column);
            values.push(-1.0);
            b.push(0.0);
        }
        ConicForm {
            a: CscMatrix::new_from_triplets(b.len(), columns, rows, cols, values),
            cones: [ZeroConeT(equal), NonnegativeConeT(b.len() - equal)],
            b,
            order,
        }
    }

    fn quadratic_form(&self) -> CscMatrix<f64> {
        let columns = self.linear.len();
        let diagonal: Vec<usize> = (0..columns).collect();
        CscMatrix::new_from_triplets(
            columns,
            columns,
            diagonal.clone(),
            diagonal,
            self.quadratic.clone(),
        )
    }
}

/// Accuracies to try, relative. The first can be out of reach of double precision; whole prices are checked
/// exactly afterwards, so that the second is good enough.
const TOLERANCES: [f64; 2] = [1e-10, 1e-8];

fn settings(tolerance: f64) -> DefaultSettings<f64> {
    DefaultSettings {
        verbose: false,
        max_threads: 1,
        tol_gap_abs: tolerance,
        tol_gap_rel: tolerance,
        tol_feas: tolerance,
        reduced_tol_gap_abs: 1e-7,
        reduced_tol_gap_rel: 1e-7,
        reduced_tol_feas: 1e-7,
        ..DefaultSettings::default()
    }
}
