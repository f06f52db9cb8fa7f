//! Planes: one bit a product, all in one piece of memory, and how they are counted.

use std::array;

/// Words that are counted together: 512 products, as many counters as a processor keeps in registers.
const BLOCK: usize = 8;
/// Products of one word.
pub(super) const WORD_BITS: usize = u64::BITS as usize;

/// The products that miss one check in one case; its place among all planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plane(u32);

/// All planes of a catalogue. New ones have no bit set.
#[derive(Clone, Default)]
pub(super) struct Planes {
    /// Blocks of one plane.
    blocks: usize,
    words: Vec<[u64; BLOCK]>,
}

impl Planes {
    /// None yet, each with room for so many products.
    pub(super) fn with_room_for(products: usize) -> Self {
        Self {
            blocks: products.div_ceil(WORD_BITS * BLOCK),
            words: Vec::new(),
        }
    }

    /// How many products they have room for.
    pub(super) const fn room(&self) -> usize {
        self.blocks * BLOCK * WORD_BITS
    }

    /// Another plane.
    pub(super) fn add(&mut self) -> Plane {
        let place = self.words.len() / self.blocks.max(1);
        self.words.resize(self.words.len() + self.blocks, [0; BLOCK]);
        Plane(super::compile::position(place))
    }

    /// Another plane, equal to one that is there.
    pub(super) fn add_copy(&mut self, of: Plane) -> Plane {
        let copy = self.add();
        let from = of.0 as usize * self.blocks;
        self.words
            .copy_within(from..from + self.blocks, copy.0 as usize * self.blocks);
        copy
    }

    /// Gives back the room that was kept for more planes.
    pub(super) fn settle(&mut self) {
        self.words.shrink_to_fit();
    }

    /// Sets or clears the bit of a product.
    pub(super) fn set(&mut self, plane: Plane, product: u32, bit: bool) {
        let (at, mask) = word_and_bit(product);
        let word = &mut self.words[plane.0 as usize * self.blocks + at / BLOCK][at % BLOCK];
        if bit {
            *word |= mask;
        } else {
            *word &= !mask;
        }
    }

    /// The bits of 64 products.
    pub(super) fn word(&self, plane: Plane, word: usize) -> u64 {
        self.words[plane.0 as usize * self.blocks + word / BLOCK][word % BLOCK]
    }

    /// Counts for every product how many of the picked planes hold it.
    ///
    /// No number is needed for that, only "one" and "two or more": `twos |= ones & plane; ones |= plane`.
    pub(super) fn count(&self, picked: &Picked, counted: &mut Counted) {
        counted.clear();
        for block in 0..self.blocks {
            let of = |plane: &Plane| &self.words[plane.0 as usize * self.blocks + block];
            let (mut ones, mut twos, mut unknown) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
            for plane in picked.absent.iter().map(of) {
                twos = array::from_fn(|word| twos[word] | plane[word]);
            }
            for plane in picked.unmet.iter().map(of) {
                twos = array::from_fn(|word| twos[word] | ones[word] & plane[word]);
                ones = array::from_fn(|word| ones[word] | plane[word]);
            }
            for plane in picked.unknown.iter().map(of) {
                unknown = array::from_fn(|word| unknown[word] | plane[word]);
            }
            counted.ones.extend(ones);
            counted.twos.extend(twos);
            counted.unknown.extend(unknown);
        }
        for &product in &picked.unmet_alone {
            counted.miss(product);
        }
        for &product in &picked.unknown_alone {
            let (word, bit) = word_and_bit(product);
            counted.unknown[word] |= bit;
        }
    }
}

const fn word_and_bit(product: u32) -> (usize, u64) {
    (product as usize / WORD_BITS, 1 << (product as usize % WORD_BITS))
}

/// What counts for one request: planes, and single products beside them.
#[derive(Default)]
pub(super) struct Picked {
    absent: Option<Plane>,
    unmet: Vec<Plane>,
    unknown: Vec<Plane>,
    unmet_alone: Vec<u32>,
    unknown_alone: Vec<u32>,
}

impl Picked {
    /// Nothing picked but what holds no product.
    pub(super) fn start(&mut self, absent: Plane) {
        self.absent = Some(absent);
        self.unmet.clear();
        self.unknown.clear();
        self.unmet_alone.clear();
        self.unknown_alone.clear();
    }

    pub(super) fn unmet(&mut self, plane: Plane) {
        self.unmet.push(plane);
    }

    pub(super) fn unknown(&mut self, plane: Plane) {
        self.unknown.push(plane);
    }

    pub(super) fn unmet_alone(&mut self, products: impl Iterator<Item = u32>) {
        self.unmet_alone.extend(products);
    }

    pub(super) fn unknown_alone(&mut self, products: impl Iterator<Item = u32>) {
        self.unknown_alone.extend(products);
    }
}

/// The verdicts whose products stand in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Eligible,
    Incomplete,
    Near,
}

/// Which products miss one check or more, two or more, and of which something is not known; a bit each.
#[derive(Default)]
pub(super) struct Counted {
    ones: Vec<u64>,
    twos: Vec<u64>,
    unknown: Vec<u64>,
    /// Those of which the check of the cost is one that they miss, among those that miss no more.
    dear: Vec<u64>,
}

impl Counted {
    fn clear(&mut self) {
        self.ones.clear();
        self.twos.clear();
        self.unknown.clear();
        self.dear.clear();
    }

    fn miss(&mut self, product: u32) {
        let (word, bit) = word_and_bit(product);
        self.twos[word] |= self.ones[word] & bit;
        self.ones[word] |= bit;
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.twos.len()
    }

    /// Those of a word that miss at most one check.
    pub(super) fn left(&self, word: usize) -> u64 {
        !self.twos[word]
    }

    /// Notes those of the next word that miss the check of the cost.
    pub(super) fn miss_cost(&mut self, dear: u64) {
        let word = self.dear.len();
        self.twos[word] |= self.ones[word] & dear;
        self.ones[word] |= dear;
        self.dear.push(dear);
    }

    /// Which of a word miss the check of the cost.
    pub(super) fn dear(&self, word: usize) -> u64 {
        self.dear[word]
    }

    /// Those of a word that come to a verdict.
    #[inline]
    pub(super) fn listed(&self, verdict: Listed, word: usize) -> u64 {
        let (ones, unknown) = (self.ones[word], self.unknown[word]);
        let of_those_left = match verdict {
            Listed::Eligible => !ones & !unknown,
            Listed::Incomplete => !ones & unknown,
            Listed::Near => ones,
        };
        of_those_left & !self.twos[word]
    }

    /// How many there are of a verdict.
    pub(super) fn total(&self, verdict: Listed) -> usize {
        let words = 0..self.len();
        words.map(|word| self.listed(verdict, word).count_ones() as usize).sum()
    }

    /// How many there are of each: eligible, incomplete, near.
    pub(super) fn totals(&self) -> [usize; 3] {
        [Listed::Eligible, Listed::Incomplete, Listed::Near].map(|verdict| self.total(verdict))
    }
}

/// The products of the bits of a word.
#[inline]
pub(super) fn products(word: usize, mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        (bits != 0).then(|| {
            let place = bits.trailing_zeros();
            bits &= bits - 1;
            super::compile::position(word * WORD_BITS) + place
        })
    })
}
