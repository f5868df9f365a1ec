//! A reader of schedules/osaka.gas.
use crate::gas::*;
use std::string::{String, ToString};
use std::vec::Vec;

pub(crate) fn osaka() -> Schedule {
    let text: String = include_str!("../../../schedules/osaka.gas")
        .lines()
        .map(|l| l.split('#').next().unwrap().to_string() + "\n")
        .collect();
    let mut schedule = Schedule::new("Osaka", Fork::Osaka);
    for block in text.split("new ").skip(1) {
        let (kind, body) = block.split_once('{').unwrap();
        let kind = match kind.trim() {
            "param" => Kind::Param,
            "opcode" => Kind::Opcode,
            _ => Kind::Precompile,
        };
        for line in body.split('}').next().unwrap().lines() {
            let Some((names, expr)) = line.split_once('=') else {
                continue;
            };
            let mut tokens = tokens(expr);
            tokens.reverse();
            let expr = sum(&mut tokens);
            for name in names.split(',') {
                schedule.insert(Entry {
                    name: name.trim().to_string(),
                    kind,
                    expr: expr.clone(),
                    reason: None,
                    source: Source::default(),
                });
            }
        }
    }
    schedule
}

fn tokens(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = false;
    for c in text.chars() {
        let w = c.is_alphanumeric() || c == '_' || c == '.';
        if c.is_whitespace() {
            word = false;
        } else if w && word {
            out.last_mut().unwrap().push(c);
        } else {
            out.push(c.to_string());
            word = w;
        }
    }
    out
}

fn sum(t: &mut Vec<String>) -> Expr {
    let mut e = product(t);
    while let Some(o) = t.last().filter(|o| *o == "+" || *o == "-").cloned() {
        t.pop();
        let r = product(t);
        e = if o == "+" {
            Expr::Add(e.into(), r.into())
        } else {
            Expr::Sub(e.into(), r.into())
        };
    }
    e
}

fn product(t: &mut Vec<String>) -> Expr {
    let mut e = atom(t);
    while let Some(o) = t.last().filter(|o| *o == "*" || *o == "/").cloned() {
        t.pop();
        let r = atom(t);
        e = if o == "*" {
            Expr::Mul(e.into(), r.into())
        } else {
            Expr::Div(e.into(), r.into())
        };
    }
    e
}

fn atom(t: &mut Vec<String>) -> Expr {
    let w = t.pop().unwrap();
    if w == "max" {
        t.pop();
        let a = sum(t);
        t.pop();
        let b = sum(t);
        t.pop();
        return Expr::Max(std::vec![a, b]);
    }
    if let Ok(n) = w.replace('_', "").parse::<u64>() {
        return Expr::number(n);
    }
    if let Ok(v) = w.parse::<Variable>() {
        return Expr::Variable(v);
    }
    Expr::Param(w.parse().unwrap())
}
