//! The state before a benchmark block: a sender, the looping contract, and what the scenario asks for.

use alloy_primitives::{Address, B256, Bytes, U256};

use super::{
    NotationError, Scenario,
    asm::Assembler,
    data::{self, Names},
    keys, looping_contract, scenario,
};
use crate::{
    evm::{GenesisAccount, World, system_contracts},
    gas::Fork,
};

/// Enough for every fee and value of a block.
const RICH: u128 = 1 << 100;

/// Accounts that exist to sign authorizations.
const AUTHORITIES: u64 = 4096;

/// Who gets the fees, of which there are none.
pub(super) const BENEFICIARY: Address = Address::repeat_byte(0xc0);

/// Where scenarios look for empty slots.
const FIRST_ABSENT: u64 = 1 << 32;

/// Who has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The looping contract.
    Target,
    /// Accounts that do not exist.
    Fresh,
    /// The scenario's n-th account, or series of accounts.
    Account(usize),
}

/// The n-th address at `place`. Every byte but the last four is the same, and none of them zero.
pub(super) fn address(place: Place, n: u64) -> Address {
    let mark = match place {
        Place::Target => 0x7a,
        Place::Fresh => 0xf5,
        Place::Account(number) => 0xa0 + u8::try_from(number).unwrap_or_default(),
    };
    let mut address = Address::repeat_byte(mark);
    let low = u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    address[16..].copy_from_slice(&low);
    address
}

/// The place that `scenario` calls `name`.
pub(super) fn place(scenario: &Scenario, name: &str) -> Option<Place> {
    match name {
        "target" => Some(Place::Target),
        "fresh" => Some(Place::Fresh),
        _ => {
            let found = scenario.accounts.iter().position(|a| a.name == name);
            found.map(Place::Account)
        }
    }
}

/// What names mean in `scenario`: the constants, and the addresses of its accounts.
pub(super) fn names(scenario: &Scenario) -> Names {
    let mut names = scenario::constants().clone();
    let accounts = scenario.accounts.iter().map(|a| a.name.as_str());
    for name in accounts.chain(["target", "fresh"]) {
        if let Some(place) = place(scenario, name) {
            names.insert(name.to_owned(), address(place, 0).to_vec());
        }
    }
    names
}

/// What is there before a block, and what can be shown not to be.
pub(super) struct Prestate {
    pub accounts: Vec<(Address, GenesisAccount)>,
    absent: Vec<Address>,
    depth: usize,
}

impl Prestate {
    /// The state, and its root.
    pub(super) fn build(self) -> (World, B256) {
        World::deep(self.accounts, self.absent, self.depth)
    }
}

/// The state before a block of so many bodies. Where paths are as deep whatever stands beside them it holds no more than
/// these need.
pub(super) fn prestate(
    scenario: &Scenario,
    names: &Names,
    checked: bool,
    bodies: u64,
    fork: Fork,
) -> Result<Prestate, NotationError> {
    let needed = |count: u64| {
        if scenario.is_deep() {
            count.min(bodies)
        } else {
            count
        }
    };
    let mut all = system_contracts(fork);
    all.push((keys::sender(), funded(U256::from(RICH))));
    // In a deep trie a leaf with a short value would be written into the branch above it.
    let value = if scenario.storage_depth > 0 {
        U256::MAX
    } else {
        U256::ONE
    };
    let mut storage = slots(0, needed(scenario.storage), value);
    if scenario.storage_depth > 0 {
        storage.extend(slots(FIRST_ABSENT, needed(scenario.absent), U256::ZERO));
    }
    let target = GenesisAccount {
        nonce: 1,
        balance: U256::from(RICH),
        code: if scenario.loops() {
            looping_contract::program(scenario, names, checked)?.into()
        } else {
            Bytes::new()
        },
        storage,
        storage_depth: scenario.storage_depth,
    };
    all.push((address(Place::Target, 0), target));
    for (number, account) in scenario.accounts.iter().enumerate() {
        let assembler = Assembler {
            names,
            checked: false,
        };
        let mut code = assembler.assemble(&account.code)?;
        code.extend(data::bytes(&account.data, names)?);
        if let Some(name) = &account.delegate {
            let to = place(scenario, name).ok_or_else(|| NotationError::Name(name.clone()))?;
            code = [&[0xef, 0x01, 0x00][..], address(to, 0).as_slice()].concat();
        }
        let at = match account.at.as_str() {
            "" => None,
            text => Some(data::address(text, names)?),
        };
        for n in 0..account.copies.map_or(1, needed) {
            let mut code = code.clone();
            if account.distinct {
                code.extend(u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
            }
            let genesis = GenesisAccount {
                nonce: u64::from(!code.is_empty()),
                balance: U256::from(account.balance),
                code: code.into(),
                storage: slots(0, account.storage, U256::ONE),
                storage_depth: 0,
            };
            let address = at.unwrap_or_else(|| address(Place::Account(number), n));
            all.push((address, genesis));
        }
    }
    if scenario.tx.existing {
        all.extend((0..AUTHORITIES).map(|n| (keys::authority(n), funded(U256::ONE))));
    }
    let mut absent = Vec::new();
    if scenario.account_depth > 0 {
        absent.push(BENEFICIARY);
        absent.extend((0..needed(scenario.absent)).map(|n| address(Place::Fresh, n)));
    }
    Ok(Prestate {
        accounts: all,
        absent,
        depth: scenario.account_depth,
    })
}

fn funded(balance: U256) -> GenesisAccount {
    GenesisAccount {
        balance,
        ..GenesisAccount::default()
    }
}

fn slots(first: u64, count: u64, value: U256) -> Vec<(U256, U256)> {
    (first..first + count)
        .map(|slot| (U256::from(slot), value))
        .collect()
}

/// How many bodies the state has something for; `None` if any number.
pub(super) fn capacity(scenario: &Scenario) -> Option<u64> {
    if scenario.tx.existing {
        return Some(AUTHORITIES / scenario.tx.authorizations.max(1));
    }
    let deep = scenario.is_deep();
    let series = |name: &str| match place(scenario, name)? {
        Place::Account(number) => scenario.accounts[number].copies,
        Place::Fresh => deep.then_some(scenario.absent),
        Place::Target => None,
    };
    let Some(index) = scenario.index.as_deref() else {
        return series(scenario.tx.to.as_deref()?).filter(|_| deep);
    };
    match index.strip_prefix('$') {
        None if index == "0" && scenario.storage > 0 => Some(scenario.storage),
        None => (deep && scenario.absent > 0).then_some(scenario.absent),
        Some(name) => series(name),
    }
}
