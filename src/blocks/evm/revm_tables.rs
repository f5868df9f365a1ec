//! What of a tariff plain revm holds in tables of its own, and what it would need code for.

use reprice_engine::{
    BlobRules, Formula, Limits, ModexpRules, Tariff, TransactionPrices, pages,
    precompiles::PRECOMPILES,
};
use revm::{
    bytecode::opcode::OpCode,
    context_interface::cfg::{GasId, GasParams},
};

use super::operation;
use crate::gas::{CostFormula, Fork, Gas, Rate, catalogue::name, grouped};

/// A tariff in the terms of revm, as far as it differs from revm's own prices of the fork.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevmTables {
    /// Gas parameters by the name of their `GasId`.
    pub gas_params: Vec<(&'static str, Gas)>,
    /// Static gas by the name of the opcode.
    pub statics: Vec<(&'static str, u16)>,
    /// Fields of `CfgEnv`: gas, bytes or blobs.
    pub settings: Vec<(&'static str, u64)>,
    /// What none of these can hold.
    pub beyond: Vec<Beyond>,
}

/// A price that revm has compiled in, or charges in another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// The operation or parameter, as schedules call it.
    pub name: String,
    /// What it costs in all.
    pub price: String,
    /// What the tables charge of an instruction; an access counts as warm there.
    pub held: Option<String>,
}

impl RevmTables {
    /// The tables of `tariff`.
    pub fn of(tariff: &Tariff) -> Self {
        let mut tables = Self::default();
        let stock = GasParams::new_spec(tariff.spec());
        let mut transaction = Transaction {
            prices: &tariff.transaction,
            stock: &stock,
            ids: Vec::new(),
            beyond: Vec::new(),
        };
        transaction.fit(tariff.fork);
        let Transaction { ids, beyond, .. } = transaction;
        let own = tariff.gas_params.iter();
        let own = own.map(|(id, price)| (GasId::new(*id), *price));
        let known = own.filter(|(id, _)| *id != pages::PRICE).chain(ids);
        let changed = known.filter(|(id, price)| stock.get(*id) != *price);
        tables.gas_params = changed.map(|(id, price)| (id.name(), price)).collect();
        for (opcode, price) in &tariff.statics {
            if let Some(opcode) = OpCode::new(*opcode) {
                tables.statics.push((opcode.as_str(), *price));
            }
        }
        tables.instructions(tariff);
        tables.precompiles(tariff);
        for (name, price) in beyond {
            tables.beyond(name, price);
        }
        tables.rules(tariff);
        tables
    }

    fn beyond(&mut self, name: &str, price: Gas) {
        self.beyond.push(Beyond {
            name: name.into(),
            price: grouped(i128::from(price)),
            held: None,
        });
    }

    fn instructions(&mut self, tariff: &Tariff) {
        for (opcode, price) in &tariff.opcodes {
            let Some(name) = operation(*opcode) else {
                continue;
            };
            // The members of a family cost the same.
            if self.beyond.iter().all(|known| known.name != name) {
                self.beyond.push(Beyond {
                    name: name.into(),
                    price: written(&price.formula),
                    held: Some(written(&price.stock)),
                });
            }
        }
        if tariff.page_price() > 0 {
            self.beyond(name::MEMORY_PER_PAGE, tariff.page_price());
        }
    }

    fn precompiles(&mut self, tariff: &Tariff) {
        for (index, formula) in &tariff.precompiles {
            self.beyond.push(Beyond {
                name: PRECOMPILES[usize::from(*index)].0.into(),
                price: written(formula),
                held: None,
            });
        }
        let stock = ModexpRules::of(tariff.fork);
        let own = &tariff.modexp;
        for (name, stock, own) in [
            (
                name::MODEXP_ITERATIONS_PER_BYTE,
                Some(stock.iterations_per_byte),
                Some(own.iterations_per_byte),
            ),
            (
                name::MODEXP_COMPLEXITY_SMALL,
                stock.complexity_small,
                own.complexity_small,
            ),
            (
                name::MODEXP_COMPLEXITY_PER_WORD,
                Some(stock.complexity_per_word),
                Some(own.complexity_per_word),
            ),
            (name::MODEXP_MAX_BYTES, stock.max_bytes, own.max_bytes),
        ] {
            if own != stock {
                self.beyond.push(Beyond {
                    name: name.into(),
                    price: own.map_or_else(|| "none".into(), |own| grouped(i128::from(own))),
                    held: None,
                });
            }
        }
    }

    /// Bounds, blobs, and what SSTORE asks to be left.
    fn rules(&mut self, tariff: &Tariff) {
        let stock = Tariff::stock(tariff.fork);
        let (limits, before) = (&tariff.limits, &stock.limits);
        if limits.tx_max_gas != before.tx_max_gas {
            let most = limits.tx_max_gas.unwrap_or(Gas::MAX);
            self.settings.push(("tx_gas_limit_cap", most));
        }
        let sizes = |limits: &Limits| (limits.max_code_size, limits.max_init_code_size);
        if sizes(limits) != sizes(before) {
            // revm takes the second from the first where only that is set.
            let (code, init_code) = sizes(limits);
            self.settings.push(("limit_contract_code_size", code));
            self.settings
                .push(("limit_contract_initcode_size", init_code));
        }
        let (own, before): (&BlobRules, _) = (&tariff.blobs, &stock.blobs);
        for (field, own, before) in [
            ("max_blobs_per_tx", own.max_per_tx, before.max_per_tx),
            (
                "blob_base_fee_update_fraction",
                own.update_fraction,
                before.update_fraction,
            ),
        ] {
            if own != before {
                self.settings.push((field, own));
            }
        }
        for (name, own, before) in [
            (name::BLOB_TARGET, own.target, before.target),
            (name::BLOB_MAX, own.max, before.max),
            (
                name::BLOB_MIN_BASE_FEE,
                own.min_base_fee,
                before.min_base_fee,
            ),
            (
                name::BLOB_RESERVE_BASE_COST,
                own.reserve_base_cost,
                before.reserve_base_cost,
            ),
        ] {
            if own != before {
                self.beyond(name, own);
            }
        }
        let stipend = GasId::call_stipend();
        let own = tariff.gas_params.iter();
        let stipend = own
            .filter(|(id, _)| *id == stipend.as_u8())
            .map(|(_, price)| *price)
            .next()
            .unwrap_or_else(|| GasParams::new_spec(tariff.spec()).get(stipend));
        // revm's SSTORE asks for the stipend.
        if tariff.sstore_sentry != stipend {
            self.beyond(name::SSTORE_SENTRY, tariff.sstore_sentry);
        }
    }
}

/// What transactions are charged before they run, fitted into revm's parameters.
struct Transaction<'a> {
    prices: &'a TransactionPrices,
    stock: &'a GasParams,
    ids: Vec<(GasId, Gas)>,
    beyond: Vec<(&'static str, Gas)>,
}

impl Transaction<'_> {
    fn fit(&mut self, fork: Fork) {
        let prices = self.prices;
        self.ids.extend([
            (GasId::tx_initcode_cost(), prices.code_init_per_word),
            (
                GasId::tx_eip7702_regular_gas(),
                prices.auth_per_empty_account,
            ),
            (
                GasId::tx_access_list_address_cost(),
                prices.access_list_address + 20 * prices.access_list_byte,
            ),
            (
                GasId::tx_access_list_storage_key_cost(),
                prices.access_list_storage_key + 32 * prices.access_list_byte,
            ),
        ]);
        let stock = Tariff::stock(fork).transaction;
        if fork < Fork::Amsterdam {
            self.ids.extend([
                (GasId::tx_base_stipend(), prices.base),
                (GasId::tx_create_cost(), prices.create),
                (GasId::tx_floor_cost_base_gas(), prices.floor_base),
            ]);
            self.unless(name::TX_FLOOR_CREATE, prices.floor_create, 0);
        } else {
            // EIP-2780: the base is a constant of revm's, in the floor as well, and the floor of a creation is its price.
            self.ids
                .push((GasId::tx_create_access_cost(), prices.create));
            self.unless(name::TX_BASE, prices.base, stock.base);
            self.unless(name::TX_FLOOR_BASE, prices.floor_base, stock.base);
            self.unless(name::TX_FLOOR_CREATE, prices.floor_create, prices.create);
        }
        self.unless(name::TX_RECIPIENT, prices.recipient, stock.recipient);
        self.unless(name::TX_VALUE, prices.value, stock.value);
        let multiplier = self.tokens();
        self.floor(multiplier);
    }

    /// Notes a price that revm does not charge.
    fn unless(&mut self, name: &'static str, price: Gas, charged: Gas) {
        if price != charged {
            self.beyond.push((name, price));
        }
    }

    /// revm counts data in tokens: one for a byte of zero, and so many for any other byte.
    fn tokens(&mut self) -> u64 {
        let (zero, nonzero) = (self.prices.data_zero_byte, self.prices.data_nonzero_byte);
        let stock = self.stock.get(GasId::tx_token_non_zero_byte_multiplier());
        let multiplier = if zero == 0 && nonzero == 0 {
            // Data is free: the tokens are the floor's alone.
            let (zero, nonzero) = (self.prices.floor_zero_byte, self.prices.floor_nonzero_byte);
            quotient(nonzero, zero).or(Some(stock))
        } else {
            quotient(nonzero, zero)
        };
        if let Some(multiplier) = multiplier {
            self.ids.extend([
                (GasId::tx_token_cost(), zero),
                (GasId::tx_token_non_zero_byte_multiplier(), multiplier),
            ]);
            return multiplier;
        }
        let token = self.stock.get(GasId::tx_token_cost());
        self.unless(name::TX_DATA_ZERO_BYTE, zero, token);
        self.unless(name::TX_DATA_NONZERO_BYTE, nonzero, token * stock);
        stock
    }

    /// The floor has its own price of a token. A byte of zero is one token, or as many as any other where revm's two
    /// multipliers are equal.
    fn floor(&mut self, multiplier: u64) {
        let prices = self.prices;
        let (zero, nonzero) = (prices.floor_zero_byte, prices.floor_nonzero_byte);
        let alike = (zero == nonzero)
            .then(|| quotient(zero, multiplier))
            .flatten()
            .map(|token| (token, multiplier));
        let differ = (zero.checked_mul(multiplier) == Some(nonzero))
            .then_some((zero, u64::from(multiplier != 1)));
        let stock = (
            self.stock.get(GasId::tx_floor_cost_per_token()),
            self.stock.get(GasId::tx_floor_token_zero_byte_multiplier()),
        );
        let fitting = alike.or(differ);
        let (token, zero_multiplier) = fitting.unwrap_or(stock);
        if fitting.is_none() {
            let tokens = if zero_multiplier == multiplier {
                multiplier
            } else {
                1
            };
            self.unless(name::TX_FLOOR_ZERO_BYTE, zero, token * tokens);
            self.unless(name::TX_FLOOR_NONZERO_BYTE, nonzero, token * multiplier);
        }
        let listed = if prices.access_list_byte == 0 {
            Some(0)
        } else {
            quotient(prices.access_list_byte, token)
        };
        if listed.is_none() {
            self.beyond
                .push((name::TX_ACCESS_LIST_BYTE, prices.access_list_byte));
        }
        self.ids.extend([
            (GasId::tx_floor_cost_per_token(), token),
            (
                GasId::tx_floor_token_zero_byte_multiplier(),
                zero_multiplier,
            ),
            (
                GasId::tx_access_list_floor_byte_multiplier(),
                listed.unwrap_or(0),
            ),
        ]);
    }
}

/// `all / part`, where that is a whole number.
fn quotient(all: u64, part: u64) -> Option<u64> {
    (part > 0 && all.is_multiple_of(part)).then(|| all / part)
}

/// A formula as the language writes it.
fn written(formula: &Formula) -> String {
    match formula {
        Formula::Linear { base, per } => {
            let rate = |(variable, price): &_| {
                let rate = Rate {
                    price: *price,
                    from: None,
                };
                (*variable, rate)
            };
            let per = per.iter().map(rate).collect();
            CostFormula::Linear { base: *base, per }.to_string()
        }
        Formula::Other(expr) => expr.to_string(),
    }
}
