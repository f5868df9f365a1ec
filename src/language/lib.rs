//! Gas schedules as data ([`gas`]), and the language that they are written in ([`lang`]), whose findings are [`diag`]'s.

pub mod diag;
pub mod gas;
pub mod lang;
