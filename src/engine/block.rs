//! Executing a block, checking it, and building one.

use alloc::{borrow::Cow, vec::Vec};
use alloy_consensus::{
    Block, BlockBody, Header, ReceiptEnvelope, TxEnvelope, TxReceipt,
    crypto::{RecoveryError, secp256k1},
    proofs,
    transaction::{Recovered, SignerRecoverable},
};
use alloy_eips::{
    eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
    eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
    eip7685::Requests,
    eip7702::{RecoveredAuthority, RecoveredAuthorization},
    eip7928::{constants::ITEM_COST, total_bal_items},
};
use alloy_evm::{
    Evm, EvmEnv, EvmFactory, FromRecoveredTx,
    block::{BlockExecutionError, BlockExecutionResult, BlockExecutor, BlockValidationError},
    eth::{
        EthBlockExecutionCtx, EthBlockExecutor, receipt_builder::AlloyReceiptBuilder,
        spec::EthExecutorSpec,
    },
};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B256, Bloom, Bytes, Sealed, keccak256};
use revm::{
    Database,
    context::{BlockEnv, TxEnv},
    context_interface::either::Either,
    database::{BundleState, State, states::bundle_state::BundleRetention},
    primitives::hardfork::SpecId,
};

use super::{
    BlockError, ChainRules, Reason,
    deposits::check_deposits,
    header::{check_body, check_header, require},
    state::{StateDb, Store},
};

/// A factory of EVMs that blocks can be executed with: the stock one, or one that charges a schedule's prices.
pub trait BlockEvmFactory: EvmFactory<Tx = TxEnv, Spec = SpecId, BlockEnv = BlockEnv> {}
impl<F: EvmFactory<Tx = TxEnv, Spec = SpecId, BlockEnv = BlockEnv>> BlockEvmFactory for F {}

/// What executing a block gives.
#[derive(Clone, Debug)]
pub struct Executed {
    /// One per transaction.
    pub receipts: Vec<ReceiptEnvelope>,
    /// EIP-7685.
    pub requests: Requests,
    /// Gas used by all transactions, after refunds.
    pub gas_used: u64,
    /// EIP-4844; 0 before Cancun.
    pub blob_gas_used: u64,
    /// The root of the state after the block.
    pub state_root: B256,
    /// RLP of the block access list (EIP-7928); `None` before Amsterdam.
    pub block_access_list: Option<Bytes>,
    /// Every change to the state.
    pub bundle: BundleState,
}

/// Validates a block in full: header, body, execution, roots. `db` is the state after `parent`.
///
/// # Errors
/// The first rule that is broken, or what the store lacks.
pub fn execute_block<F: BlockEvmFactory, S: Store>(
    factory: &F,
    rules: &ChainRules,
    parent: &Sealed<Header>,
    block: &Block<TxEnvelope>,
    db: &mut StateDb<'_, S>,
) -> Result<Executed, BlockError> {
    check_header(rules, parent, &block.header)?;
    execute_body(factory, rules, block, db)
}

/// What [`execute_block`] checks but for the header's relation to its parent: for blocks whose parent is not at hand.
///
/// # Errors
/// The first rule that is broken, or what the store lacks.
pub fn execute_body<F: BlockEvmFactory, S: Store>(
    factory: &F,
    rules: &ChainRules,
    block: &Block<TxEnvelope>,
    db: &mut StateDb<'_, S>,
) -> Result<Executed, BlockError> {
    check_body(rules, block)?;
    let sender = |at: usize| block.body.transactions[at].recover_signer();
    let executed = execute(factory, rules, &block.header, &block.body, &sender, db)?;
    let mut header = block.header.clone();
    executed.seal(rules, &mut header);
    let found = &block.header;
    // Gas first: it explains the others best.
    require(Reason::GasUsed, found.gas_used, header.gas_used)?;
    require(
        Reason::BlobGasUsed,
        found.blob_gas_used,
        header.blob_gas_used,
    )?;
    require(
        Reason::ReceiptsRoot,
        found.receipts_root,
        header.receipts_root,
    )?;
    require(Reason::LogsBloom, found.logs_bloom, header.logs_bloom)?;
    require(
        Reason::RequestsHash,
        found.requests_hash,
        header.requests_hash,
    )?;
    require(
        Reason::BlockAccessList,
        found.block_access_list_hash,
        header.block_access_list_hash,
    )?;
    require(Reason::StateRoot, found.state_root, header.state_root)?;
    Ok(executed)
}

/// What is wrong with the transaction at an index.
pub fn transaction_error(index: usize, error: &BlockError) -> BlockError {
    BlockError::new(
        error.reason,
        format_args!("transaction {index}: {}", error.detail),
    )
}

impl Executed {
    /// Fills in the header's fields that follow from execution.
    pub fn seal(&self, rules: &ChainRules, header: &mut Header) {
        let active = |fork| rules.is_active(fork, header.timestamp);
        let (cancun, prague) = (active(Fork::Cancun), active(Fork::Prague));
        header.state_root = self.state_root;
        header.receipts_root = proofs::calculate_receipt_root(&self.receipts);
        header.logs_bloom = self
            .receipts
            .iter()
            .fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom());
        header.gas_used = self.gas_used;
        header.blob_gas_used = cancun.then_some(self.blob_gas_used);
        header.requests_hash = prague.then(|| self.requests.requests_hash());
        header.block_access_list_hash = self.block_access_list.as_ref().map(keccak256);
    }
}

/// Who sent the transaction at an index.
pub type Senders<'a> = &'a dyn Fn(usize) -> Result<Address, RecoveryError>;

/// Executes a block's body under what its header says before execution; nothing of the outcome is compared with the header.
///
/// # Errors
/// A transaction that may not be included, or what the store lacks.
pub fn execute<F: BlockEvmFactory, S: Store>(
    factory: &F,
    rules: &ChainRules,
    header: &Header,
    body: &BlockBody<TxEnvelope>,
    senders: Senders<'_>,
    db: &mut StateDb<'_, S>,
) -> Result<Executed, BlockError> {
    let mut state = State::builder()
        .with_database(&mut *db)
        .with_bundle_update()
        .with_bal_builder_if(rules.is_active(Fork::Amsterdam, header.timestamp))
        .build();
    let outcome = transact(factory, rules, header, body, senders, &mut state);
    state.merge_transitions(BundleRetention::PlainState);
    let bundle = state.take_bundle();
    let accesses = state.take_built_alloy_bal();
    drop(state);
    // The executor passes some of the state's errors on as its own.
    if let Some(failure) = db.failure() {
        return Err(failure.into());
    }
    let BlockExecutionResult {
        receipts,
        requests,
        gas_used,
        blob_gas_used,
    } = outcome?;
    let prague = rules.is_active(Fork::Prague, header.timestamp);
    if let (true, Some(contract)) = (prague, rules.deposit_contract_address()) {
        check_deposits(contract, &receipts)?;
    }
    if let Some(list) = &accesses {
        check_items(total_bal_items(list), header.gas_limit)?;
    }
    let state_root = db.update(&bundle)?;
    Ok(Executed {
        receipts,
        requests,
        gas_used,
        blob_gas_used,
        state_root,
        block_access_list: accesses.map(|list| alloy_rlp::encode(&list).into()),
        bundle,
    })
}

/// A block may have so many accounts and slots in its access list that each could be paid for (EIP-7928).
fn check_items(items: u64, gas_limit: u64) -> Result<(), BlockError> {
    let most = gas_limit / ITEM_COST as u64;
    if items <= most {
        return Ok(());
    }
    let detail = format_args!("{items} of {most}");
    Err(BlockError::new(Reason::AccessListItems, detail))
}

/// System calls, transactions, withdrawals, requests.
fn transact<F: BlockEvmFactory, S: Store>(
    factory: &F,
    rules: &ChainRules,
    header: &Header,
    body: &BlockBody<TxEnvelope>,
    senders: Senders<'_>,
    state: &mut State<&mut StateDb<'_, S>>,
) -> Result<BlockExecutionResult<ReceiptEnvelope>, BlockError> {
    let blobs = rules.at(header.timestamp).blobs;
    let env = EvmEnv::for_eth_block(header, rules, rules.chain_id, blobs);
    let withdrawals = body.withdrawals.as_ref();
    let context = EthBlockExecutionCtx {
        parent_hash: header.parent_hash,
        parent_beacon_block_root: header.parent_beacon_block_root,
        ommers: &[],
        withdrawals: withdrawals.map(|list| Cow::Borrowed(&list[..])),
        extra_data: header.extra_data.clone(),
        tx_count_hint: Some(body.transactions.len()),
        slot_number: header.slot_number,
    };
    let evm = factory.create_evm(state, env);
    let mut executor = EthBlockExecutor::new(evm, context, rules, AlloyReceiptBuilder::default());
    executor
        .apply_pre_execution_changes()
        .map_err(|e| refusal(&e))?;
    for (index, transaction) in body.transactions.iter().enumerate() {
        let sender = senders(index).map_err(|error| {
            transaction_error(index, &BlockError::new(Reason::Signature, error))
        })?;
        let mut env = TxEnv::from_recovered_tx(transaction, sender);
        recover_authorities(&mut env, rules.chain_id);
        executor.evm_mut().db_mut().bump_bal_index();
        executor
            .execute_transaction((env, Recovered::new_unchecked(transaction, sender)))
            .map_err(|error| transaction_error(index, &refusal(&error)))?;
    }
    executor.evm_mut().db_mut().bump_bal_index();
    if rules.is_active(Fork::Prague, header.timestamp) {
        require_system_contracts(executor.evm_mut().db_mut())?;
    }
    let (_, result) = executor.finish().map_err(|error| refusal(&error))?;
    Ok(result)
}

/// Recovers the authorities of an EIP-7702 transaction through alloy-consensus, whose cryptography a guest can replace;
/// revm would recover them by itself. Those that revm ignores without looking at the signature stay as they are.
fn recover_authorities(env: &mut TxEnv, chain_id: u64) {
    for authorization in &mut env.authorization_list {
        let Either::Left(signed) = authorization else {
            continue;
        };
        let known =
            signed.chain_id.is_zero() || signed.chain_id.to::<u128>() == u128::from(chain_id);
        if !known || signed.nonce == u64::MAX {
            continue;
        }
        let authority = signed
            .signature()
            .ok()
            .and_then(|signature| {
                secp256k1::recover_signer(&signature, signed.signature_hash()).ok()
            })
            .map_or(RecoveredAuthority::Invalid, RecoveredAuthority::Valid);
        let recovered = RecoveredAuthorization::new_unchecked(signed.inner().clone(), authority);
        *authorization = Either::Right(recovered);
    }
}

/// A block in which the contracts of EIP-7002 and EIP-7251 have no code is invalid.
fn require_system_contracts<DB: Database>(db: &mut DB) -> Result<(), BlockError> {
    for address in [
        WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
        CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
    ] {
        let account = db
            .basic(address)
            .map_err(|error| BlockError::new(Reason::Execution, error))?;
        if account.is_none_or(|account| account.is_empty_code_hash()) {
            let detail = format_args!("{address} has no code");
            return Err(BlockError::new(Reason::SystemContract, detail));
        }
    }
    Ok(())
}

fn refusal(error: &BlockExecutionError) -> BlockError {
    use BlockValidationError as E;
    let reason = match error {
        BlockExecutionError::Validation(error) => match error {
            E::InvalidTx { .. } => Reason::Transaction,
            E::TransactionGasLimitMoreThanAvailableBlockGas { .. } => Reason::BlockGas,
            E::DepositRequestDecode(_) => Reason::Deposits,
            E::MissingParentBeaconBlockRoot
            | E::CancunGenesisParentBeaconBlockRootNotZero { .. }
            | E::BeaconRootContractCall { .. }
            | E::BlockHashContractCall { .. }
            | E::WithdrawalRequestsContractCall { .. }
            | E::ConsolidationRequestsContractCall { .. } => Reason::SystemContract,
            _ => Reason::Execution,
        },
        BlockExecutionError::Internal(_) => Reason::Execution,
    };
    BlockError::new(reason, error)
}
