//! The frames of a transaction, one after the other: revm's loop, with contracts that are not created where storage is (EIP-7610).
//! revm by itself looks at the code and the nonce of the account that is there.

use alloy_primitives::{Address, KECCAK256_EMPTY};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use revm::{
    Database,
    context::{ContextTr, JournalTr},
    handler::{EthFrame, EvmTr, EvmTrError, FrameInitOrResult, FrameResult, ItemOrResult},
    interpreter::{FrameInput, interpreter::EthInterpreter, interpreter_action::FrameInit},
    primitives::constants::CALL_STACK_LIMIT,
    state::{AccountId, EvmState},
};

/// Marks an account that has storage and neither code nor nonce. The number is one that revm hands from a database to the
/// journal, to look accounts up in a block's access list by; blocks here are executed without such a list.
pub(crate) fn mark(account: &TrieAccount) -> Option<AccountId> {
    let stored = account.nonce == 0
        && account.code_hash == KECCAK256_EMPTY
        && account.storage_root != EMPTY_ROOT_HASH;
    if stored { AccountId::new(0) } else { None }
}

/// Runs a transaction's first frame and all that it calls: `init` begins a frame, `run` goes on in the innermost one.
///
/// # Errors
/// The database's.
pub fn run_frames<EVM, ERROR>(
    evm: &mut EVM,
    first: FrameInit,
    init: impl Fn(&mut EVM, FrameInit) -> Result<Option<FrameResult>, ERROR>,
    run: impl Fn(&mut EVM) -> Result<FrameInitOrResult<EthFrame<EthInterpreter>>, ERROR>,
) -> Result<FrameResult, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>>,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    if let Some(result) = begin_frame(evm, first, &init)? {
        return Ok(result);
    }
    loop {
        let result = match run(evm)? {
            ItemOrResult::Item(call) => match begin_frame(evm, call, &init)? {
                Some(result) => result,
                None => continue,
            },
            ItemOrResult::Result(result) => result,
        };
        if let Some(last) = evm.frame_return_result(result)? {
            return Ok(last);
        }
    }
}

/// The result of a call or creation that no code runs for.
pub fn ended<ITEM>(begun: ItemOrResult<ITEM, FrameResult>) -> Option<FrameResult> {
    match begun {
        ItemOrResult::Item(_) => None,
        ItemOrResult::Result(result) => Some(result),
    }
}

/// Begins a call or creation by `init`; its result if no code runs.
///
/// # Errors
/// The database's.
pub fn begin_frame<EVM, ERROR>(
    evm: &mut EVM,
    frame: FrameInit,
    init: impl FnOnce(&mut EVM, FrameInit) -> Result<Option<FrameResult>, ERROR>,
) -> Result<Option<FrameResult>, ERROR>
where
    EVM: EvmTr<Context: ContextTr<Journal: JournalTr<State = EvmState>>>,
    ERROR: EvmTrError<EVM>,
{
    let Some(occupied) = occupied(evm.ctx_mut(), &frame)? else {
        return init(evm, frame);
    };
    // A nonce is what revm takes for an account that is in the way.
    set_nonce(evm.ctx_mut(), &occupied, 1);
    let result = init(evm, frame);
    set_nonce(evm.ctx_mut(), &occupied, 0);
    result
}

/// Where a contract is to be created and storage is in the way. What ends a creation before that is what revm's own beginning of one
/// looks at first, so that no account is loaded which that one would not load.
fn occupied<CTX>(
    context: &mut CTX,
    frame: &FrameInit,
) -> Result<Option<Address>, <CTX::Db as Database>::Error>
where
    CTX: ContextTr<Journal: JournalTr<State = EvmState>>,
{
    let FrameInput::Create(inputs) = &frame.frame_input else {
        return Ok(None);
    };
    if frame.depth as u64 > CALL_STACK_LIMIT {
        return Ok(None);
    }
    let journal = context.journal_mut();
    let caller = &journal.load_account(inputs.caller())?.info;
    let nonce = caller.nonce;
    if caller.balance < inputs.value() || nonce == u64::MAX {
        return Ok(None);
    }
    let address = inputs.created_address(nonce);
    let there = &journal.load_account(address)?.info;
    let stored = there.account_id.is_some() && there.nonce == 0 && there.is_empty_code_hash();
    Ok(stored.then_some(address))
}

fn set_nonce<CTX>(context: &mut CTX, address: &Address, nonce: u64)
where
    CTX: ContextTr<Journal: JournalTr<State = EvmState>>,
{
    if let Some(account) = context.journal_mut().evm_state_mut().get_mut(address) {
        account.info.nonce = nonce;
    }
}
