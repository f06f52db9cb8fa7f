//! What was published is computed: the reference cases, through the same functions as the commands.

mod engine;
mod evaluator;
mod finance;
mod generator;
mod hostile;
mod matching;
mod properties;
mod uscc;
