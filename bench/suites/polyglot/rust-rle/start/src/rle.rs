/// Run-length encoding: "aaab" is "3ab".
pub fn encode(text: &str) -> String {
    todo!()
}

/// The inverse of `encode`.
pub fn decode(text: &str) -> String {
    todo!()
}
