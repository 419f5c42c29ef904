#[path = "src/rle.rs"]
mod rle;

#[test]
fn encodes() {
    for (plain, coded) in [("", ""), ("aaab", "3ab"), ("abc", "abc"), ("  x", "2 x"), ("ééé", "3é"), (&"z".repeat(12), "12z")] {
        assert_eq!(rle::encode(plain), coded);
        assert_eq!(rle::decode(coded), plain);
    }
}
