//! A paragraph for every code.

/// Codes with their explanations, in alphabetical order.
const EXPLANATIONS: &[(&str, &str)] = &[
    (
        "ambiguous-part",
        "An operation whose cost is a formula has several prices, its parts: `KECCAK256 = 30 + 6 * words` has `KECCAK256.base` and `KECCAK256.per_word`. Where one number is meant, name the part; where the operation is given a new price, write the whole formula.",
    ),
    (
        "anchor-empty",
        "A target is relative to the rate of a selection that holds no operation. A pattern has to match a name, `opcode ADD*` or `precompile BLS_*`, and the rate is the slowest one's, or with `median of` or `percentile 75 of` the one that so many reach.",
    ),
    (
        "anchor-part",
        "A target is relative to the rate of a part of a price, such as `KECCAK256.per_word`. A rate is gas by work, and blocks do whole operations: name the operation, whose worst block is meant.",
    ),
    (
        "anchor-unknown",
        "A target is relative to the rate of an operation that this schedule does not price: mostly a slip of spelling. Names are those of execution-specs in capital letters, and those of groups and of `new` prices in the same file.",
    ),
    (
        "anchor-unmeasured",
        "A target is relative to operations of which no scenario makes blocks, so nothing here measures their rate; recorded runs may. Name an operation that has a scenario: `reprice explain NAME` lists them.",
    ),
    (
        "contradiction",
        "Requirements exclude one another, so that no prices could meet them all: a bound whose low end is above its high end, two bounds that do not overlap, a relation that the bounds rule out. Found before anything is measured.",
    ),
    (
        "defined-twice",
        "A constant, group, prover, variant or setting has two definitions in the same file, a prover two resources, or a `solve` block says `minimize` or `round` twice. Only one could count. A child may restate what it inherits.",
    ),
    (
        "division-by-zero",
        "A formula divides by zero: always, or when a variable such as `words` is zero. Guard the divisor, for instance with `max(1, words)`.",
    ),
    (
        "empty-selection",
        "A pattern that matches no name, a selection of operations none of which has a price of its own, or a requirement that mentions no price. It would do nothing, which is hardly what was meant.",
    ),
    (
        "extends-cycle",
        "Schedules extend one another in a circle, so none of them has a first price. One of them must extend a built-in schedule, or nothing.",
    ),
    (
        "free-of-charge",
        "A price that was above zero is now zero, often because it was rounded down: `current / 3` of a price of 1. What costs nothing can fill a block without end. Write `max(1, ...)` to keep a price of at least 1.",
    ),
    (
        "indirect-price",
        "The operation has no price of its own here: it costs what other parameters say. `SLOAD = COLD_STORAGE_ACCESS * cold + WARM_ACCESS * warm` cannot be set to a constant without losing the difference between cold and warm, and cannot be varied. Set or vary the parameters it is made of, or write a whole formula.",
    ),
    (
        "missing-header",
        "A schedule file starts with what it is: `schedule \"title\" extends osaka`. Without it nothing says which prices it starts from.",
    ),
    (
        "missing-price",
        "A schedule that extends nothing must price everything its fork charges for, each with `new`. Usually the right thing is to extend a built-in schedule and state only what differs.",
    ),
    (
        "missing-prover",
        "A target to prove needs someone to do it: `target prove 60 Mgas within 10 s on sp1`. Without `on`, all provers declared by `prover` blocks are meant, and there are none.",
    ),
    (
        "missing-target",
        "A `solve` block asks for prices, and no `target` says what a block with these prices must achieve, neither in this file nor in those it extends.",
    ),
    (
        "negative-price",
        "A formula comes to less than zero. Gas is never given back this way; refunds are parameters of their own.",
    ),
    (
        "no-current",
        "`current` is the price of the same operation in the schedule that this one extends. It has no meaning in a constant, in the price of something new, or in a requirement without a single price on the other side.",
    ),
    (
        "not-counted",
        "A meter adds up what blocks are charged for, unit by unit: executions, words, cold accesses. So what an operation counts is a sum of `current` and of its variables, each times a number. Where the price is a curve, as MODEXP's, only a multiple of `current` can be counted; and a parameter that is merely a part of what operations cost, such as COLD_ACCOUNT_ACCESS, is counted with those.",
    ),
    (
        "not-linear",
        "The solver works with sums of prices times numbers. Products of prices, and `min`, `max` or rounding of prices, are none. A maximum on the smaller side of a comparison is several requirements: instead of `A >= max(B, C)` write `A >= B` and `A >= C`.",
    ),
    (
        "not-new",
        "`new` introduces a plain name that the schedule extended does not price. To change an existing price, leave `new` out. Without `new`, an unknown name is an error: that is how misspelt names are found.",
    ),
    (
        "out-of-range",
        "A number makes no sense where it stands: a target of no gas or no time, more provers required than named, prices rounded to multiples of nothing.",
    ),
    (
        "price-cycle",
        "A price is defined by itself, directly or through other prices. To start from the price in the schedule extended, write `current`.",
    ),
    (
        "price-not-kept",
        "This file sets a price by hand, and a schedule that it extends lets the solver vary it: the proposal may move it again. Add `keep` to pin it, or ignore this to give the solver another starting point.",
    ),
    (
        "price-too-large",
        "A number does not fit: prices end at 2^40 gas, far above any block, and constants at what exact 128-bit fractions can hold.",
    ),
    (
        "priced-twice",
        "The same price is set twice in one file, directly or through a pattern or a group. Which of them counts would depend on their order, so neither does. For alternatives, use a constant with `let` and a `variant`.",
    ),
    (
        "relative-to-zero",
        "A bound relative to the current price, such as `1x .. 200x`, of a price that is zero: every multiple of zero is zero, so the price cannot move. Give the bound in gas.",
    ),
    (
        "reserved-name",
        "The name means something already: a variable such as `words`, `current`, a function, or an operation. A constant, group or new price needs another name.",
    ),
    (
        "syntax",
        "The line is no statement of the language. The message says what was expected where reading stopped; the statements are listed in `grammar/README.md`. Every other line is still checked.",
    ),
    (
        "too-complex",
        "A limit that keeps every file quick to check: 4 MiB a file, 100 operators a formula, 16 references in a row, 16 files in a row, 16 meters, 1000 clauses, groups, or names in a selection, and patterns that are compared with 4 million names. No price list comes near.",
    ),
    (
        "unit-mismatch",
        "A quantity of the wrong kind: gas where a time is expected, a bare number where a unit decides, a multiple such as `2x` in a formula, where it is written `2 * current`; a price per byte where words are counted, or the other way round, which is 32 times off. Nothing is converted silently.",
    ),
    (
        "unknown-function",
        "Formulas know four functions: `min`, `max`, `ceil` and `floor`. The first two take any number of arguments, the others one.",
    ),
    (
        "unknown-name",
        "Nothing goes by that name here: no operation of that kind, constant, group, verb or objective. Operations are those of the schedule extended, written as `reprice explain` lists them; instructions that execution-specs prices together have one name, such as `PUSH`. A new operation is introduced by `new`.",
    ),
    (
        "unknown-part",
        "The operation's formula has no such part. A formula's parts are `base` and one `per_...` for each variable, such as `KECCAK256.per_word`; an operation with a single price has none.",
    ),
    (
        "unknown-prover",
        "The target is on a prover for which there is no `prover` block, while others have one. Add a block, or correct the name.",
    ),
    (
        "unknown-schedule",
        "What follows `extends` is neither a built-in schedule nor a file that can be read; or what follows `on` is no fork. Built-in schedules are named without quotes, files by a path in quotes, relative to the file that extends them.",
    ),
    (
        "unknown-setting",
        "A `prover` block has a setting that nothing reads, most likely a misspelt one. `guest` names the guest programs that count, and `resource` what the prover has to run on. Where its machines are, and how it is started, stands in `reprice.toml`.",
    ),
    (
        "unknown-unit",
        "There is no such unit. Gas is counted in gas, kgas, Mgas and Ggas, time in us, ms, s, min and h, multiples of the current price in x, shares in %. A number is multiplied by a variable with `*`.",
    ),
    (
        "unknown-variable",
        "The operation is not measured by that variable. Each has those its formula in the built-in schedule mentions: `words` for KECCAK256, `points` for ECPAIRING. An engine could not charge for anything else.",
    ),
    (
        "unsupported-verb",
        "A target to `verify`: every proof that is made is verified, but no time of that is kept, so nothing could hold the target. Targets are to `prove` or to `execute`.",
    ),
    (
        "unused-binding",
        "A constant or group that nothing in this file uses: left over, or misspelt where it was to be used.",
    ),
];

/// What a diagnostic's code means, in a paragraph.
pub fn explain(code: &str) -> Option<&'static str> {
    let (_, text) = EXPLANATIONS.iter().find(|(known, _)| *known == code)?;
    Some(text)
}

/// Every code, in alphabetical order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    EXPLANATIONS.iter().map(|(code, _)| *code)
}
