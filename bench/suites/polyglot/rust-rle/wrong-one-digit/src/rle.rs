/// Run-length encoding: "aaab" is "3ab".
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut count = 1;
        while chars.peek() == Some(&c) {
            chars.next();
            count += 1;
        }
        if count > 1 {
            out.push_str(&count.to_string());
        }
        out.push(c);
    }
    out
}

/// The inverse of `encode`.
pub fn decode(text: &str) -> String {
    let mut out = String::new();
    let mut count = 0;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            count = digit as usize;
        } else {
            out.extend(std::iter::repeat(c).take(count.max(1)));
            count = 0;
        }
    }
    out
}
