//! The schedule that ships, with made-up costs.

use super::*;
use crate::lang::{Files, Options, load, write};

/// The shipped schedule, and a proposal beside it.
struct Shipped(String);

impl Files for Shipped {
    fn read(&self, path: &str) -> Result<String, String> {
        match path {
            "zk-proving.gas" => Ok(include_str!("../../../schedules/zk-proving.gas").into()),
            "proposal.gas" => Ok(self.0.clone()),
            _ => Err("no such file".into()),
        }
    }
}

fn read(path: &str, proposal: &str) -> Plan {
    let loaded = load(path, &Shipped(proposal.into()), &Options::default());
    loaded
        .plan
        .unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// A block per price: a thousand units of it among ten thousand of kept glue, up to 30 times too cheap.
fn rows(plan: &Plan) -> Vec<Row> {
    // What the work has to reach, gas per second: any rate will do.
    let needed_rate = 120_000.0;
    let varied = plan
        .solve
        .iter()
        .flat_map(|s| &s.vary)
        .flat_map(|s| &s.params);
    let block = |(i, param): (usize, &GasParam)| {
        let mut units: BTreeMap<GasParam, f64> = BTreeMap::new();
        units.insert(param.clone(), 1_000.0);
        *units.entry(super::param("POP")).or_default() += 10_000.0;
        let price =
            |p: &GasParam| f64::from(u32::try_from(plan.schedule.price(p).unwrap()).unwrap());
        let gas: f64 = units.iter().map(|(p, n)| n * price(p)).sum();
        let own = 1_000.0 * price(param);
        let times = f64::from(u32::try_from(i % 30).unwrap());
        // Glue meets the target by itself.
        let glue = plan.solve.as_ref().unwrap().keep[0].params.contains(param);
        let need = if glue { gas } else { gas + own * times };
        Row {
            id: id(&format!("{param}/made-up"), &param.operation, "sp1"),
            target: 0,
            units,
            rest: 0.0,
            cost_s: need / needed_rate,
            cost_interval: None,
            fixed_s: 45.0,
            needed_rate,
        }
    };
    varied.enumerate().map(block).collect()
}

#[test]
fn its_proposal_is_a_schedule_that_reads_back() {
    let plan = read("zk-proving.gas", "");
    let problem = problem(&plan, rows(&plan)).unwrap();
    let found = proposal(&problem);
    assert!(found.why.len() > 60, "{} changed", found.why.len());
    for row in 0..problem.rows.len() {
        assert!(
            problem.ratio(row, &found.prices) <= 1.0 + 1e-9,
            "{}",
            problem.rows[row].id.scenario
        );
    }
    assert!(matches!(found.prices[&param("MODEXP")], Price::Factor(h) if h > 100));
    assert_eq!(found.prices.get(&param("POP")), None);
    let new = problem.schedule(&found.prices).unwrap();
    let text = write(
        &new,
        "\"zk-proving.gas\"",
        &plan.schedule,
        "Found",
        &BTreeMap::new(),
    );
    let again = read("proposal.gas", &text);
    for entry in new.entries() {
        let name = entry.name.as_str();
        assert_eq!(
            again.schedule.formula(name),
            new.formula(name),
            "{name}\n{text}"
        );
    }
    for (param, price) in &found.prices {
        if let Price::Gas(gas) = price {
            assert_eq!(again.schedule.price(param).unwrap(), *gas, "{param}");
        }
    }
    // A proposal proposed again stays: the wishes are inherited, and its prices meet them.
    let mut kept = crate::solve::problem(&again, Vec::new()).unwrap();
    assert_eq!(kept.prices(&kept.start_ticks()), kept.start_prices());
    kept.targets.clear();
    assert!(proposal(&kept).why.is_empty());
}
