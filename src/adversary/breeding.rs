//! Where genomes come from: the obvious ones of an operation, and changes of those that did well.

use super::{
    envelope::{Envelope, MOST_AUTHORIZATIONS, NUMBERS, To},
    genes::{Gene, gene, genes},
    genome::Genome,
    keyed::{CODES, Keyed, Series, TOUCHES},
    precompiles::{PRECOMPILES, alter, number},
    program::{Item, Program, Word},
};
use crate::{bench::scenarios, prove::Random};

/// The longest body, in steps.
const MOST_ITEMS: usize = 8;
/// Words that a program starts with at most, beside those that its body takes away.
const MOST_WORDS: usize = 4;
/// How often a body is written out, where that is not what is searched for.
const REPEAT: usize = 200;
/// Changes that are tried before a genome stays as it is.
const ATTEMPTS: usize = 40;
/// Genomes of each kind of call and of each gene with numbers that a search starts from.
const STARTS: usize = 3;

/// Every operation that there are genomes for, in a fixed order.
pub(super) fn operations() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let genes = genes().iter().map(|gene| gene.operation.as_str());
    let calls = PRECOMPILES.iter().map(|one| one.operation);
    let touches = TOUCHES.iter().map(|touch| touch.operation);
    let envelopes = envelopes();
    let envelopes = envelopes.iter().map(Envelope::operation);
    let names = genes.chain(["PUSH"]).chain(calls).chain(touches);
    for name in names.chain(envelopes) {
        if !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}

/// What a search for `operation` starts from, the most promising first.
pub(super) fn starts(operation: &str, random: &mut Random) -> Vec<Genome> {
    let mut all = Vec::new();
    let words = words(operation);
    for gene in genes().iter().filter(|gene| gene.operation == operation) {
        all.extend(of_gene(gene, &words, random));
    }
    if operation == "PUSH" {
        let push = vec![Item::Push(Word::Bytes(vec![0xf3; 32]))];
        all.push(program(push, Vec::new(), &[], true));
    }
    for precompile in PRECOMPILES.iter().filter(|one| one.operation == operation) {
        for _ in 0..2 * STARTS {
            let call = Item::Call(precompile, precompile.input(random), random.once_in(2));
            all.push(program(vec![call], Vec::new(), &[], false));
        }
    }
    for touch in TOUCHES.iter().filter(|touch| touch.operation == operation) {
        for (series, deep) in series() {
            let touches = vec![touch];
            all.push(Genome::Keyed(Keyed {
                series,
                deep,
                touches,
                repeat: 4,
            }));
        }
    }
    let envelopes = envelopes().into_iter();
    all.extend(
        envelopes
            .filter(|one| one.operation() == operation)
            .map(Genome::Transactions),
    );
    all.retain(is_sound);
    all
}

/// Another genome, one to three changes from this one. `others` lend it their words and steps.
pub(super) fn changed(genome: &Genome, others: &[&Genome], random: &mut Random) -> Genome {
    let mut child = genome.clone();
    for _ in 0..=random.below(3) {
        for _ in 0..ATTEMPTS {
            let next = once_changed(&child, others, random);
            if is_sound(&next) {
                child = next;
                break;
            }
        }
    }
    child
}

/// Whether it can be written down.
pub(super) fn is_sound(genome: &Genome) -> bool {
    match genome {
        Genome::Program(program) => {
            (1..=MOST_ITEMS).contains(&program.items.len()) && program.is_sound()
        }
        Genome::Keyed(keyed) => keyed.is_sound() && keyed.touches.len() <= MOST_ITEMS,
        Genome::Transactions(_) => true,
    }
}

fn program(items: Vec<Item>, work: Vec<Word>, supply: &[Word], called: bool) -> Genome {
    Genome::Program(Program {
        items,
        work,
        supply: supply.to_vec(),
        repeat: REPEAT,
        called,
    })
}

/// A gene alone, on a supply of words; with as many DUPs as it takes words away; and with a DUP of each word it takes, whose
/// results are taken from the stack or left there.
fn of_gene(gene: &'static Gene, words: &[Word], random: &mut Random) -> Vec<Genome> {
    let mut all = Vec::new();
    let plain = gene.domains.is_empty();
    for _ in 0..if plain { 1 } else { STARTS } {
        let mut own = || {
            let numbers = gene
                .domains
                .iter()
                .map(|domain| *random.pick(domain.values()));
            Item::Gene(gene, numbers.collect())
        };
        let dup = |deep: u32| Item::Gene(self::gene("DUP{0}"), vec![deep]);
        let pop = || Item::Gene(self::gene("POP"), Vec::new());
        let deep = u32::try_from(gene.takes).unwrap_or(1);
        let dups = || (0..gene.takes).map(move |_| dup(deep));
        let work: Vec<Word> = words
            .iter()
            .cycle()
            .take(gene.takes.max(1))
            .cloned()
            .collect();
        let work = || work.clone();
        all.push(program(vec![own()], work(), words, false));
        if gene.takes > gene.gives {
            // Of another word each time it is needed, or of the same one.
            for reach in 1..=deep {
                let missing = gene.takes - gene.gives;
                let mut items: Vec<Item> = (0..missing).map(|_| dup(reach)).collect();
                items.push(own());
                all.push(program(items, work(), words, false));
            }
        }
        if gene.takes > 0 {
            let pops = (0..gene.gives).map(|_| pop());
            let items = dups().chain([own()]).chain(pops).collect();
            all.push(program(items, work(), words, false));
        }
        if gene.gives > 0 {
            let items = dups().chain([own()]).collect();
            all.push(program(items, work(), words, true));
        }
    }
    all
}

/// Words that an operation's programs start with: those of its scenarios, then such as make long divisions.
fn words(operation: &str) -> Vec<Word> {
    let of_scenarios = scenarios()
        .iter()
        .filter(|scenario| scenario.operation == operation)
        .flat_map(crate::bench::Scenario::operands);
    let short = of_scenarios.filter(|bytes| bytes.len() <= 32);
    let mut words: Vec<Word> = short.map(Word::Bytes).collect();
    words.reverse();
    words.truncate(MOST_WORDS);
    if words.is_empty() {
        let mut wide = vec![0xf3; 32];
        wide[15] = 0x9e;
        words.push(Word::Bytes(wide));
    }
    if operation == "BLOCKHASH" {
        words.insert(0, Word::Parent);
    }
    words
}

fn series() -> Vec<(Series, bool)> {
    let contracts = CODES.iter().map(|bytes| Series::Contracts(*bytes));
    let all = [
        Series::Wallets,
        Series::Fresh,
        Series::Slots,
        Series::EmptySlots,
    ];
    let all = all.into_iter().chain(contracts);
    all.flat_map(|series| [(series, true), (series, false)])
        .collect()
}

fn envelopes() -> Vec<Envelope> {
    let plain = Envelope {
        to: To::One,
        value: 0,
        data: [0, 0],
        access: [0, 0],
        authorizations: 0,
        existing: false,
    };
    let data = [[8192, 0], [0, 4096], [8192, 4096]];
    let access = [[100, 0], [1, 100], [10, 10], [100, 10]];
    let to = [
        (To::One, 1),
        (To::Many, 0),
        (To::Many, 1),
        (To::Fresh, 0),
        (To::Fresh, 1),
    ];
    let mut all = vec![plain.clone()];
    all.extend(to.map(|(to, value)| Envelope {
        to,
        value,
        ..plain.clone()
    }));
    all.extend(data.map(|data| Envelope {
        data,
        ..plain.clone()
    }));
    all.extend(access.map(|access| Envelope {
        access,
        ..plain.clone()
    }));
    all.extend([true, false].map(|existing| Envelope {
        authorizations: 10,
        existing,
        ..plain.clone()
    }));
    all
}

fn once_changed(genome: &Genome, others: &[&Genome], random: &mut Random) -> Genome {
    match genome {
        Genome::Program(program) => Genome::Program(changed_program(program, others, random)),
        Genome::Keyed(keyed) => Genome::Keyed(changed_keyed(keyed, random)),
        Genome::Transactions(envelope) => Genome::Transactions(changed_envelope(envelope, random)),
    }
}

fn changed_program(program: &Program, others: &[&Genome], random: &mut Random) -> Program {
    let mut next = program.clone();
    let at = random.below(next.items.len());
    match random.below(12) {
        0..3 => change_word(&mut next, random),
        3 => {
            let at = random.below(next.items.len() + 1);
            next.items.insert(at, glue(random));
        }
        4 => {
            next.items.remove(at);
        }
        5 => {
            let again = next.items[at].clone();
            next.items.insert(at, again);
        }
        6 => {
            let other = random.below(next.items.len());
            next.items.swap(at, other);
        }
        7 => change_item(&mut next.items[at], random),
        8 => next.called = !next.called,
        9 => {
            let word = Word::Bytes(number(32, random));
            let words = if random.once_in(2) {
                &mut next.work
            } else {
                &mut next.supply
            };
            if words.len() < MOST_WORDS && random.once_in(2) {
                words.push(word);
            } else {
                words.pop();
            }
        }
        10 => match random.below(3) {
            0 => next.repeat = (next.repeat * 2).min(4 * REPEAT),
            1 => next.repeat = (next.repeat / 2).max(1),
            _ => next.repeat = REPEAT,
        },
        _ => {
            // Operations that share a cost, or a loop around them.
            if let Genome::Program(other) = random.pick(others) {
                let item = random.pick(&other.items).clone();
                let at = random.below(next.items.len() + 1);
                next.items.insert(at, item);
            }
        }
    }
    next
}

fn glue(random: &mut Random) -> Item {
    let text = *random.pick(&["DUP{0}", "SWAP{0}", "POP", "JUMPDEST", "PUSH0", "PUSH"]);
    if text == "PUSH" {
        return Item::Push(Word::Bytes(number(32, random)));
    }
    let gene = gene(text);
    let numbers = gene
        .domains
        .iter()
        .map(|domain| *random.pick(domain.values()));
    Item::Gene(gene, numbers.collect())
}

fn change_item(item: &mut Item, random: &mut Random) {
    match item {
        Item::Gene(gene, numbers) if !numbers.is_empty() => {
            let which = random.below(numbers.len());
            numbers[which] = *random.pick(gene.domains[which].values());
        }
        Item::Gene(gene, _) => {
            // Another of the same shape.
            let same = |other: &&Gene| {
                other.domains.is_empty() && (other.takes, other.gives) == (gene.takes, gene.gives)
            };
            let same: Vec<&'static Gene> = genes().iter().filter(same).collect();
            *item = Item::Gene(random.pick::<&Gene>(&same), Vec::new());
        }
        Item::Push(Word::Bytes(bytes)) => alter(bytes, random),
        Item::Push(Word::Parent) => *item = Item::Push(Word::Bytes(number(32, random))),
        Item::Call(precompile, input, chained) => {
            if random.once_in(6) {
                *chained = !*chained;
            } else {
                *input = precompile.changed(input, random);
            }
        }
    }
}

fn change_word(program: &mut Program, random: &mut Random) {
    let words: Vec<&mut Word> = program.work.iter_mut().chain(&mut program.supply).collect();
    let count = words.len();
    if count == 0 {
        return;
    }
    let copied = words[random.below(count)].clone();
    let which = random.below(count);
    let Some(word) = words.into_iter().nth(which) else {
        return;
    };
    match word {
        Word::Bytes(bytes) if !random.once_in(6) => {
            bytes.splice(..0, vec![0; 32_usize.saturating_sub(bytes.len())]);
            alter(bytes, random);
        }
        _ if random.once_in(2) => *word = Word::Bytes(number(32, random)),
        _ => *word = copied,
    }
}

fn changed_keyed(keyed: &Keyed, random: &mut Random) -> Keyed {
    let mut next = keyed.clone();
    match random.below(5) {
        0 => {
            let all = series();
            (next.series, next.deep) = *random.pick(&all);
        }
        1 => next.touches.push(random.pick(TOUCHES)),
        2 if next.touches.len() > 1 => {
            next.touches.remove(random.below(next.touches.len()));
        }
        3 => next.touches[0] = random.pick(TOUCHES),
        _ => next.repeat = *random.pick(&[1, 2, 4, 8, 16]),
    }
    next
}

fn changed_envelope(envelope: &Envelope, random: &mut Random) -> Envelope {
    let mut next = envelope.clone();
    match random.below(6) {
        0 => next.to = *random.pick(&[To::One, To::Many, To::Fresh]),
        1 => next.value = 1 - next.value.min(1),
        2 => next.data[random.below(2)] = *random.pick(NUMBERS) * 8,
        3 => next.access[random.below(2)] = *random.pick(NUMBERS),
        4 => next.authorizations = (*random.pick(NUMBERS)).min(MOST_AUTHORIZATIONS),
        _ => next.existing = !next.existing,
    }
    // No such transaction has no authorization.
    next.existing &= next.authorizations > 0;
    next
}
