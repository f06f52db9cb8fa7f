//! What was published is computed: the reference cases, through the same functions as the commands.

mod finance;
mod matching;
mod uscc;
