#[path = "src/inventory.rs"]
mod inventory;

#[test]
fn works() {
    let mut all = inventory::Inventory::new();
    assert_eq!(all.longest(), "");
    all.add("nut".into(), 2);
    all.add("screw".into(), 1);
    all.add("nut".into(), 3);
    assert_eq!((all.count("nut"), all.count("screw"), all.count("bolt")), (5, 1, 0));
    let longest: &str = all.longest();
    assert_eq!(longest, "screw");
}
