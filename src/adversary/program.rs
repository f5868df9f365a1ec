//! A loop over genes: whether its stack holds, and its text.

use super::{
    genes::{Domain, Gene, is_glue},
    precompiles::{Input, Precompile, hex},
};

/// The deepest stack that a program is given; the EVM's is 1,024 deep, and calls have some of their own below.
const DEEPEST: usize = 1000;
/// The longest code, bytes; no contract has more than 24,576 (EIP-170).
const LONGEST: usize = 22_000;
/// What a gene with arguments, or a call, has at most, bytes of code.
const GENE_BYTES: usize = 40;
/// Memory is written once behind everything that is used, so that no iteration pays for more of it.
const BEHIND: usize = 64;

/// A word that a program starts with or pushes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// These bytes, 32 at most.
    Bytes(Vec<u8>),
    /// The number of the block before.
    Parent,
}

/// One step of a body.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A gene with its numbers.
    Gene(&'static Gene, Vec<u32>),
    /// A push.
    Push(Word),
    /// A call of a precompiled contract, and whether its answer becomes its next input.
    Call(&'static Precompile, Input, bool),
}

/// A body on the stack and in memory, repeated.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// What is repeated.
    pub items: Vec<Item>,
    /// Words on the stack before the first body, the top one last.
    pub work: Vec<Word>,
    /// What lies below these in turn, as much as there has to be: a body may take more words than it leaves.
    pub supply: Vec<Word>,
    /// How often a body is written out at most, where it is not called.
    pub repeat: usize,
    /// Whether the bodies are a contract that is called: then nobody takes from the stack what is left there.
    pub called: bool,
}

/// How a program uses its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stack {
    /// How often the body is written out.
    pub repeat: usize,
    /// Words of supply below the work.
    pub supply: usize,
    /// Words that are left when all bodies have run.
    pub left: usize,
}

impl Item {
    /// The schedule's name of its operation.
    pub(super) fn operation(&self) -> &str {
        match self {
            Self::Gene(gene, _) => &gene.operation,
            Self::Push(_) => "PUSH",
            Self::Call(precompile, ..) => precompile.operation,
        }
    }

    /// Bytes of code that it has at most.
    fn bytes(&self) -> usize {
        match self {
            Self::Gene(gene, _) if !gene.text.contains(['(', ' ']) => 1,
            Self::Gene(..) | Self::Call(..) => GENE_BYTES,
            Self::Push(_) => 33,
        }
    }

    /// How deep it looks, what it takes and what it leaves.
    fn effect(&self) -> (usize, usize, usize) {
        match self {
            Self::Gene(gene, numbers) => (gene.reach(numbers), gene.takes, gene.gives),
            Self::Push(_) => (0, 0, 1),
            Self::Call(..) => (0, 0, 0),
        }
    }
}

impl Program {
    /// The operation that is in it most often and moves no words, the first of equals.
    pub(super) fn operation(&self) -> &str {
        let names = || self.items.iter().map(Item::operation);
        let often = |name: &str| {
            let count = names().filter(|other| *other == name).count();
            (!is_glue(name), count)
        };
        let mut most = names().next().unwrap_or_default();
        for name in names() {
            if often(name) > often(most) {
                most = name;
            }
        }
        most
    }

    /// How it uses its stack; `None` where it would look below what it was given, or climb too high.
    pub(super) fn stack(&self) -> Option<Stack> {
        let start = signed(self.work.len());
        let (mut depth, mut lowest, mut highest) = (start, 0, start);
        for item in &self.items {
            let (reach, takes, gives) = item.effect();
            lowest = lowest.min(depth - signed(reach));
            depth += signed(gives) - signed(takes);
            highest = highest.max(depth);
        }
        let net = depth - start;
        let deepest = signed(DEEPEST);
        let inputs = self.items.iter().filter_map(|item| match item {
            Item::Call(_, input, _) if !input.is_blank() => Some(padded(input)),
            _ => None,
        });
        let longest = LONGEST.saturating_sub(inputs.sum());
        let body: usize = self.items.iter().map(Item::bytes).sum();
        // As often as there is room in a call: it would be about calls otherwise.
        let wanted = if self.called { DEEPEST } else { self.repeat };
        let repeat = signed(wanted.min(longest / body.max(1)).max(1));
        // What is looked at below the work: once more with each body that takes more than it leaves.
        let below = -lowest;
        if net >= 0 {
            // Bodies that leave words would look at other ones each time, but never deeper.
            let supply = if below > 0 && self.supply.is_empty() {
                return None;
            } else {
                below
            };
            let room = deepest - highest - supply;
            let repeat = if net == 0 {
                repeat
            } else {
                repeat.min(room / net)
            };
            return (room >= 0 && repeat > 0).then(|| Stack {
                repeat: unsigned(repeat),
                supply: unsigned(supply),
                left: unsigned(start + supply + net * repeat),
            });
        }
        if self.supply.is_empty() {
            return None;
        }
        let room = deepest - highest - below;
        let repeat = repeat.min(room / -net + 1);
        (room >= 0 && repeat > 0).then(|| {
            let supply = -net * (repeat - 1) + below.max(-net - start).max(0);
            Stack {
                repeat: unsigned(repeat),
                supply: unsigned(supply),
                left: unsigned(start + supply + net * repeat),
            }
        })
    }

    /// Whether it can be written down at all.
    pub(super) fn is_sound(&self) -> bool {
        if self.items.is_empty() || self.stack().is_none() {
            return false;
        }
        let framed = |item: &Item| match item {
            Item::Gene(gene, _) => gene.is_of_the_frame(),
            Item::Push(_) => false,
            Item::Call(..) => true,
        };
        if self.called && self.items.iter().any(framed) {
            return false;
        }
        // A call replaces what the one before returned.
        let calls = |item: &Item| match item {
            Item::Gene(gene, _) => gene.text.contains("CALL("),
            Item::Push(_) => false,
            Item::Call(..) => true,
        };
        !(self.uses("RETURNDATACOPY") && self.items.iter().any(calls))
    }

    /// The fields of its scenario, as `key = value` lines; `None` where it [is not sound](Self::is_sound).
    pub(super) fn fields(&self) -> Option<Vec<(&'static str, String)>> {
        let stack = self.stack().filter(|_| self.is_sound())?;
        let (memory, end) = self.memory();
        let mut setup = Vec::new();
        if self.uses("RETURNDATACOPY") {
            setup.push("STATICCALL(GAS, $returner, 0, 0, 0, 0) ok".to_owned());
        }
        if end > 0 {
            setup.push(format!("MSTORE8({end}, 1)"));
        }
        for (input, at) in self.inputs() {
            setup.extend(input.setup(at));
        }
        let before = self.before(stack);
        let body = self.body();
        let mut fields = Vec::new();
        let mut accounts = Vec::new();
        if self.called {
            let inner = [setup, vec![before, format!("({body})*{}", stack.repeat)]].concat();
            accounts.push(format!(
                "{{ name = \"callee\", code = {} }}",
                quoted(&inner.join(" "))
            ));
            let call = "CALL(GAS, $callee, 0, 0, 0, 0, 0) ok";
            fields.push(("body", quoted(call)));
        } else {
            fields.push(("memory", quoted(&memory)));
            fields.push(("setup", quoted(&setup.join(" "))));
            fields.push(("before", quoted(&before)));
            fields.push(("body", quoted(&body)));
            let after = match stack.left {
                0 => String::new(),
                left => format!("(POP)*{left}"),
            };
            fields.push(("after", quoted(&after)));
            fields.push(("repeat", stack.repeat.to_string()));
        }
        if self.uses("RETURNDATACOPY") {
            accounts.push("{ name = \"returner\", code = \"RETURN(0, 66000)\" }".into());
        }
        if body.contains("$contract") {
            accounts.push(
                "{ name = \"contract\", code = \"STOP\", data = \"0x5b*24575\", balance = 1 }"
                    .into(),
            );
        }
        if !accounts.is_empty() {
            fields.push(("accounts", format!("[{}]", accounts.join(", "))));
        }
        if body.contains("SLOAD") || body.contains("SSTORE") {
            fields.push(("storage", "16".into()));
        }
        // So little that the floor of its price (EIP-7623) is below what the smallest block takes.
        if body.contains("CALLDATALOAD") || body.contains("CALLDATACOPY") {
            fields.push(("tx", "{ data = \"0xff*64\" }".into()));
        }
        fields.retain(|(_, text)| text != "\"\"");
        Some(fields)
    }

    /// The body's text.
    pub(super) fn body(&self) -> String {
        let (_, scratch, base) = self.places();
        let mut inputs = self.inputs().into_iter();
        let text = |item: &Item| match item {
            Item::Call(precompile, input, chained) => {
                let at = inputs.next().map_or(0, |(_, at)| at);
                let answer = match precompile.answers {
                    0 => input.returned(),
                    bytes => bytes,
                };
                let to = match precompile.chains_at.filter(|_| *chained) {
                    Some(within) => at + within,
                    None => scratch,
                };
                let (name, length) = (precompile.name, input.length());
                format!("STATICCALL(GAS, ${name}, {at}, {length}, {to}, {answer}) ok")
            }
            Item::Gene(gene, numbers) => {
                let mut text = gene.text.clone();
                for (at, number) in numbers.iter().enumerate() {
                    let memory = gene.domains.get(at) == Some(&Domain::Offset);
                    let number = *number as usize + if memory { base } else { 0 };
                    text = text.replace(&format!("{{{at}}}"), &number.to_string());
                }
                text
            }
            Item::Push(word) => word.text(),
        };
        self.items.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    fn uses(&self, operation: &str) -> bool {
        self.items.iter().any(|item| item.operation() == operation)
    }

    /// What is on the stack when the first body starts.
    fn before(&self, stack: Stack) -> String {
        let mut words = Vec::new();
        let apart = self.supply.len().min(stack.supply);
        words.extend(self.supply.iter().take(apart).map(Word::text));
        if stack.supply > apart {
            words.push(format!("(DUP{apart})*{}", stack.supply - apart));
        }
        words.extend(self.work.iter().map(Word::text));
        words.join(" ")
    }

    /// What calls read, each with its place: those that memory has to be filled for first.
    fn inputs(&self) -> Vec<(&Input, usize)> {
        let calls = self.items.iter().filter_map(|item| match item {
            Item::Call(_, input, _) => Some((input, 0)),
            Item::Gene(..) | Item::Push(_) => None,
        });
        let mut found: Vec<(&Input, usize)> = calls.collect();
        let mut end = 0;
        for blank in [false, true] {
            for (input, at) in &mut found {
                if input.is_blank() == blank {
                    *at = end;
                    end += padded(input);
                }
            }
        }
        found
    }

    /// The longest input and answer, where answers go that are no input, and where memory begins that genes use.
    fn places(&self) -> (usize, usize, usize) {
        let calls = self.items.iter().filter_map(|item| match item {
            Item::Call(precompile, input, _) => Some(input.returned().max(precompile.answers)),
            _ => None,
        });
        let longest = calls.max().unwrap_or(0);
        let scratch = self.inputs().iter().map(|(input, _)| padded(input)).sum();
        (longest, scratch, scratch + longest.next_multiple_of(32))
    }

    /// The bytes that memory starts with, and where what is used of it ends; 0 for none.
    fn memory(&self) -> (String, usize) {
        let inputs = self.inputs();
        let filled = inputs.iter().filter(|(input, _)| !input.is_blank());
        let texts: Vec<String> = filled
            .map(|(input, _)| input.memory(padded(input)))
            .collect();
        let (_, _, base) = self.places();
        let genes = self.items.iter().filter_map(|item| match item {
            Item::Gene(gene, numbers) => {
                let memory = |domain: &Domain| matches!(domain, Domain::Offset | Domain::Size);
                let used = gene.domains.iter().zip(numbers);
                let mut used = used.filter(|(domain, _)| memory(domain)).peekable();
                used.peek()?;
                Some(used.map(|(_, number)| *number as usize).sum::<usize>())
            }
            _ => None,
        });
        let furthest = genes.max();
        let end = match (base, furthest) {
            (0, None) => 0,
            (base, furthest) => base + furthest.unwrap_or(0) + BEHIND,
        };
        (texts.join(" "), end)
    }
}

impl Word {
    fn text(&self) -> String {
        match self {
            Self::Bytes(bytes) if bytes.iter().all(|byte| *byte == 0) => "0".into(),
            Self::Bytes(bytes) => hex(bytes),
            Self::Parent => "SUB(NUMBER, 1)".into(),
        }
    }
}

fn padded(input: &Input) -> usize {
    input.length().next_multiple_of(32)
}

fn signed(count: usize) -> isize {
    isize::try_from(count).unwrap_or(isize::MAX)
}

fn unsigned(count: isize) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// Text as TOML has it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
