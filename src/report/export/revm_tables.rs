//! revm: the tables of the tariff that the engine itself charges, in Rust.

use super::{
    changes::Change,
    exported::{ExportError, Exported},
};
use crate::{
    evm::{self, Beyond, RevmTables, Tariff, TariffError},
    gas::{
        Schedule,
        catalogue::{self, Role},
        grouped,
    },
    report::text::line,
};

/// What follows `use revm`.
const IMPORTS: &str = "::{
    bytecode::opcode,
    context_interface::cfg::{GasId, GasParams},
    primitives::hardfork::SpecId,
};

";

pub(super) fn text(schedule: &Schedule, changes: &[Change]) -> Result<Exported, ExportError> {
    let (tariff, mut beyond) = tariff(schedule)?;
    let tables = RevmTables::of(&tariff);
    beyond.extend(tables.beyond.iter().cloned());
    // The engine does not know how full a block may be: whoever builds it does.
    let blocks = changes.iter().filter(|change| {
        let row = catalogue::price_of(&change.param);
        row.is_some_and(|row| row.role == Role::Block)
    });
    beyond.extend(blocks.map(|change| Beyond {
        name: change.param.to_string(),
        price: change.new.text(),
        held: None,
    }));
    let spec = schedule.fork.name().to_uppercase();
    let configured = !tables.settings.is_empty();
    let mut out = format!(
        "//! {}: what differs from revm's {spec}.\n\nuse revm{}",
        schedule.name,
        if configured {
            IMPORTS.replace(
                "    context_interface",
                "    context::CfgEnv,\n    context_interface",
            )
        } else {
            IMPORTS.to_owned()
        }
    );
    gas_params(&mut out, &tables, &spec);
    line(
        &mut out,
        "/// Static gas by opcode, for the instruction table.",
    );
    line(&mut out, "pub const STATIC_GAS: &[(u8, u16)] = &[");
    for (opcode, gas) in &tables.statics {
        let gas = grouped(i128::from(*gas));
        line(&mut out, format!("    (opcode::{opcode}, {gas}),"));
    }
    line(&mut out, "];");
    if configured {
        settings(&mut out, &tables);
    }
    if !beyond.is_empty() {
        out.push_str("\n// What revm's tables cannot hold; its code has to charge it:\n");
    }
    for Beyond { name, price, held } in &beyond {
        let held = held.as_ref().map_or_else(String::new, |held| {
            format!(", of which the tables charge {held}")
        });
        line(&mut out, format!("// {name} = {price}{held}"));
    }
    Ok(Exported {
        text: out,
        nameless: beyond.into_iter().map(|beyond| beyond.name).collect(),
    })
}

/// The tariff of all that the engine knows, and what it does not know: operations that a proposal adds.
fn tariff(schedule: &Schedule) -> Result<(Tariff, Vec<Beyond>), ExportError> {
    let mut known = schedule.clone();
    let mut unknown = Vec::new();
    loop {
        match evm::compile(&known) {
            Ok(tariff) => return Ok((tariff, unknown)),
            Err(TariffError::Unknown(name)) => {
                let price = schedule.formula(&name)?.to_string();
                let mut others = Schedule::new(&known.name, known.fork);
                let kept = known.entries().iter().filter(|entry| entry.name != name);
                kept.cloned().for_each(|entry| others.insert(entry));
                known = others;
                unknown.push(Beyond {
                    name,
                    price,
                    held: None,
                });
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn gas_params(out: &mut String, tables: &RevmTables, spec: &str) {
    let stock = format!("GasParams::new_spec(SpecId::{spec})");
    line(out, "/// For `CfgEnv::gas_params`.");
    line(out, "pub fn gas_params() -> GasParams {");
    if tables.gas_params.is_empty() {
        line(out, format!("    {stock}"));
    } else {
        line(out, format!("    let mut params = {stock};"));
        line(out, "    params.override_gas([");
        for (name, gas) in &tables.gas_params {
            let gas = grouped(i128::from(*gas));
            line(out, format!("        (GasId::{name}(), {gas}),"));
        }
        line(out, "    ]);");
        line(out, "    params");
    }
    out.push_str("}\n\n");
}

fn settings(out: &mut String, tables: &RevmTables) {
    out.push('\n');
    line(out, "/// Bounds, and the course of the blob fee.");
    line(out, "pub fn configure(cfg: &mut CfgEnv) {");
    for (field, value) in &tables.settings {
        let value = grouped(i128::from(*value));
        line(out, format!("    cfg.{field} = Some({value});"));
    }
    line(out, "}");
}
