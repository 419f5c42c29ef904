pub struct Inventory {
    items: Vec<(String, u32)>,
}

impl Inventory {
    pub fn new() -> Self {
        Inventory { items: Vec::new() }
    }

    pub fn add(&mut self, name: String, amount: u32) {
        for (known, mut count) in self.items.clone() {
            if known == name {
                count += amount;
                return;
            }
        }
        self.items.push((name, amount));
    }

    pub fn longest(&self) -> &str {
        let mut best = "";
        for (name, _) in &self.items {
            if name.len() > best.len() {
                best = name;
            }
        }
        best
    }

    pub fn count(&self, name: &str) -> u32 {
        self.items.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count)
    }
}
