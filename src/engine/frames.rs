//! The frames of a transaction, one after the other: revm's loop, with contracts that are not created where storage is (EIP-7610).
//! revm by itself looks at the code and the nonce of the account that is there.

use alloy_primitives::{Address, KECCAK256_EMPTY};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use revm::{
    Database, Inspector,
    context::{ContextTr, JournalTr},
    handler::{
        EthFrame, EvmTr, EvmTrError, FrameInitOrResult, FrameResult, ItemOrResult,
        evm::{ContextDbError, FrameInitResult},
    },
    inspector::InspectorEvmTr,
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

/// How frames begin and go on. A type instead of two functions: what begins a frame is large, and is moved no more than revm
/// itself moves it.
pub trait FrameSteps<EVM: EvmTr> {
    /// Begins a frame.
    ///
    /// # Errors
    /// The database's.
    fn init(
        evm: &mut EVM,
        frame: FrameInit,
    ) -> Result<FrameInitResult<'_, EVM::Frame>, ContextDbError<EVM::Context>>;

    /// Runs the innermost frame until it calls or ends.
    ///
    /// # Errors
    /// The database's.
    fn run(evm: &mut EVM) -> Result<FrameInitOrResult<EVM::Frame>, ContextDbError<EVM::Context>>;
}

/// Frames that nothing watches.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// Frames under the EVM's inspector.
#[derive(Clone, Copy, Debug)]
pub struct Inspected;

impl<EVM: EvmTr<Frame = EthFrame<EthInterpreter>>> FrameSteps<EVM> for Plain {
    fn init(
        evm: &mut EVM,
        frame: FrameInit,
    ) -> Result<FrameInitResult<'_, EVM::Frame>, ContextDbError<EVM::Context>> {
        evm.frame_init(frame)
    }

    fn run(evm: &mut EVM) -> Result<FrameInitOrResult<EVM::Frame>, ContextDbError<EVM::Context>> {
        evm.frame_run()
    }
}

impl<EVM> FrameSteps<EVM> for Inspected
where
    EVM: InspectorEvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>>,
            Frame = EthFrame<EthInterpreter>,
            Inspector: Inspector<EVM::Context, EthInterpreter>,
        >,
{
    fn init(
        evm: &mut EVM,
        frame: FrameInit,
    ) -> Result<FrameInitResult<'_, EVM::Frame>, ContextDbError<EVM::Context>> {
        evm.inspect_frame_init(frame)
    }

    fn run(evm: &mut EVM) -> Result<FrameInitOrResult<EVM::Frame>, ContextDbError<EVM::Context>> {
        evm.inspect_frame_run()
    }
}

/// Runs a transaction's first frame and all that it calls.
///
/// # Errors
/// The database's.
pub fn run_frames<STEPS, EVM, ERROR>(evm: &mut EVM, first: FrameInit) -> Result<FrameResult, ERROR>
where
    STEPS: FrameSteps<EVM>,
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>>,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    let occupied = occupy(evm.ctx_mut(), &first)?;
    if let ItemOrResult::Result(result) = STEPS::init(evm, first)? {
        vacate(evm.ctx_mut(), occupied);
        return Ok(result);
    }
    loop {
        let result = match STEPS::run(evm)? {
            ItemOrResult::Item(call) => {
                let occupied = occupy(evm.ctx_mut(), &call)?;
                match STEPS::init(evm, call)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => {
                        vacate(evm.ctx_mut(), occupied);
                        result
                    }
                }
            }
            ItemOrResult::Result(result) => result,
        };
        if let Some(last) = evm.frame_return_result(result)? {
            return Ok(last);
        }
    }
}

/// An account that is in the way of the contract to be created.
#[derive(Clone, Copy, Debug)]
pub struct Occupied(Address);

/// Where a contract is to be created and storage is in the way, gives the account a nonce: what revm takes for one that is. To be taken
/// back by [`vacate`] once the creation has failed for it.
///
/// # Errors
/// The database's.
#[inline]
pub fn occupy<CTX>(
    context: &mut CTX,
    frame: &FrameInit,
) -> Result<Option<Occupied>, <CTX::Db as Database>::Error>
where
    CTX: ContextTr<Journal: JournalTr<State = EvmState>>,
{
    match &frame.frame_input {
        FrameInput::Create(_) => occupy_created(context, frame),
        _ => Ok(None),
    }
}

/// What ends a creation before revm looks at the account is looked at first here too, so that no account is loaded which revm would
/// not load.
fn occupy_created<CTX>(
    context: &mut CTX,
    frame: &FrameInit,
) -> Result<Option<Occupied>, <CTX::Db as Database>::Error>
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
    if there.account_id.is_none() || there.nonce != 0 || !there.is_empty_code_hash() {
        return Ok(None);
    }
    set_nonce(context, &address, 1);
    Ok(Some(Occupied(address)))
}

/// Takes back what [`occupy`] did.
#[inline]
pub fn vacate<CTX>(context: &mut CTX, occupied: Option<Occupied>)
where
    CTX: ContextTr<Journal: JournalTr<State = EvmState>>,
{
    if let Some(Occupied(address)) = occupied {
        set_nonce(context, &address, 0);
    }
}

fn set_nonce<CTX>(context: &mut CTX, address: &Address, nonce: u64)
where
    CTX: ContextTr<Journal: JournalTr<State = EvmState>>,
{
    if let Some(account) = context.journal_mut().evm_state_mut().get_mut(address) {
        account.info.nonce = nonce;
    }
}
