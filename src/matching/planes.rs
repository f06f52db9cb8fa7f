//! Planes: one bit a product, all in one piece of memory, and how they are counted.

#![expect(
    clippy::inline_always,
    reason = "loops that are compiled once for each width of register"
)]

use super::wide::{Work, widest};

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
        widest(Count {
            planes: self,
            picked,
            counted,
        });
    }

    /// The words of the picked planes, all put together: each is read once.
    pub(super) fn read(&self, picked: &Picked) -> u64 {
        widest(Read { planes: self, picked })
    }
}

struct Count<'a> {
    planes: &'a Planes,
    picked: &'a Picked,
    counted: &'a mut Counted,
}

impl Work for Count<'_> {
    type Done = ();

    #[inline(always)]
    fn work(self) {
        let Self {
            planes,
            picked,
            counted,
        } = self;
        counted.clear();
        for block in 0..planes.blocks {
            let of = |plane: &Plane| &planes.words[plane.0 as usize * planes.blocks + block];
            let (mut ones, mut twos, mut unknown, mut many_unknown) = ([0; BLOCK], [0; BLOCK], [0; BLOCK], [0; BLOCK]);
            for plane in picked.absent.iter().map(of) {
                each(|word| twos[word] |= plane[word]);
            }
            for plane in picked.unmet.iter().map(of) {
                each(|word| {
                    twos[word] |= ones[word] & plane[word];
                    ones[word] |= plane[word];
                });
            }
            for plane in picked.unknown_facts.iter().map(of) {
                each(|word| {
                    many_unknown[word] |= unknown[word] & plane[word];
                    unknown[word] |= plane[word];
                });
            }
            for plane in picked.unknown.iter().map(of) {
                each(|word| unknown[word] |= plane[word]);
            }
            counted.ones.extend(ones);
            counted.twos.extend(twos);
            counted.unknown.extend(unknown);
            counted.many_unknown.extend(many_unknown);
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

struct Read<'a> {
    planes: &'a Planes,
    picked: &'a Picked,
}

impl Work for Read<'_> {
    type Done = u64;

    #[inline(always)]
    fn work(self) -> u64 {
        let Self { planes, picked } = self;
        let mut all = [0; BLOCK];
        let unknown = picked.unknown_facts.iter().chain(&picked.unknown);
        for plane in picked.absent.iter().chain(&picked.unmet).chain(unknown) {
            for block in &planes.words[plane.0 as usize * planes.blocks..][..planes.blocks] {
                each(|word| all[word] |= block[word]);
            }
        }
        all.iter().fold(0, |all, word| all | word)
    }
}

/// Calls back with each word of a block.
#[inline(always)]
fn each(mut at: impl FnMut(usize)) {
    for word in 0..BLOCK {
        at(word);
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
    /// Each of another fact.
    unknown_facts: Vec<Plane>,
    unknown: Vec<Plane>,
    unmet_alone: Vec<u32>,
    unknown_alone: Vec<u32>,
}

impl Picked {
    /// Nothing picked but what holds no product.
    pub(super) fn start(&mut self, absent: Plane) {
        self.absent = Some(absent);
        self.unmet.clear();
        self.unknown_facts.clear();
        self.unknown.clear();
        self.unmet_alone.clear();
        self.unknown_alone.clear();
    }

    pub(super) fn unmet(&mut self, plane: Plane) {
        self.unmet.push(plane);
    }

    /// Of a fact of which no plane was picked yet.
    pub(super) fn unknown_fact(&mut self, plane: Plane) {
        self.unknown_facts.push(plane);
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
    /// Those of which two facts or more are not known; there may be others.
    many_unknown: Vec<u64>,
    /// Those of which the check of the cost is one that they miss, among those that miss no more.
    dear: Vec<u64>,
}

impl Counted {
    fn clear(&mut self) {
        self.ones.clear();
        self.twos.clear();
        self.unknown.clear();
        self.many_unknown.clear();
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

    /// Of which of a word two keys or more are not known, as far as that is told here.
    pub(super) fn many_unknown(&self, word: usize) -> u64 {
        self.many_unknown[word]
    }

    /// Those of a word that come to a verdict and may stand first in its list: of incomplete ones those of which no more than one
    /// key need be unknown.
    #[inline]
    pub(super) fn listed_first(&self, verdict: Listed, word: usize) -> u64 {
        let listed = self.listed(verdict, word);
        if verdict == Listed::Incomplete {
            listed & !self.many_unknown[word]
        } else {
            listed
        }
    }

    /// How many there are of each: eligible, incomplete, near.
    pub(super) fn totals(&self) -> [usize; 3] {
        widest(Totals(self))
    }
}

struct Totals<'a>(&'a Counted);

impl Work for Totals<'_> {
    type Done = [usize; 3];

    #[inline(always)]
    fn work(self) -> [usize; 3] {
        let mut totals = [0; 3];
        let words = self.0.ones.iter().zip(&self.0.twos).zip(&self.0.unknown);
        for ((ones, twos), unknown) in words {
            let listed = [!ones & !unknown, !ones & unknown, *ones];
            for (total, listed) in totals.iter_mut().zip(listed) {
                *total += (listed & !twos).count_ones() as usize;
            }
        }
        totals
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

#[cfg(test)]
mod tests {
    use super::{Count, Counted, Picked, Planes, Read, Totals, Work, widest};

    /// What is compiled for a wider processor, where this is one, does what is compiled for every one.
    #[test]
    fn wide_registers_count_as_narrow_ones_do() {
        for room in [1, 63, 64, 65, 512, 513, 10_000] {
            let mut planes = Planes::with_room_for(room);
            let mut picked = Picked::default();
            // Anything that is not regular.
            let mut state = 0x9e37_79b9_7f4a_7c15_u64;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state >> 33
            };
            for number in 0..40 {
                let plane = planes.add();
                for product in 0..u32::try_from(room).unwrap() {
                    planes.set(plane, product, next() % 16 == 0);
                }
                match number % 8 {
                    0 => picked.unknown(plane),
                    1 => picked.unknown_fact(plane),
                    _ => picked.unmet(plane),
                }
            }
            picked.unmet_alone([0].into_iter());
            let mut counted = [Counted::default(), Counted::default()];
            let [wide, narrow] = &mut counted;
            let count = |counted| Count {
                planes: &planes,
                picked: &picked,
                counted,
            };
            widest(count(wide));
            count(narrow).work();
            let all = |counted: &Counted| {
                let Counted {
                    ones,
                    twos,
                    unknown,
                    many_unknown,
                    ..
                } = counted;
                [ones, twos, unknown, many_unknown].map(Clone::clone)
            };
            assert_eq!(all(wide), all(narrow), "{room}");
            assert_eq!(widest(Totals(wide)), Totals(narrow).work(), "{room}");
            let read = || Read {
                planes: &planes,
                picked: &picked,
            };
            assert_eq!(widest(read()), read().work(), "{room}");
        }
    }
}
