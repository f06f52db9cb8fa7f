//! Loops over many numbers, in the widest registers that the processor has.

/// A loop over many numbers, with what it is done on.
pub(super) trait Work {
    type Done;

    /// Must be `#[inline(always)]`, as must be all that it calls in its loop: only what stands inside is compiled anew.
    fn work(self) -> Self::Done;
}

/// Does work compiled for AVX2 where the processor has it, and as it would be anyway where not.
///
/// The compiler may use only what every processor of the kind has: of x86-64 registers of two 64-bit words and no comparison of
/// these. Almost all that run have AVX2: four words, and a comparison.
#[inline]
pub(super) fn widest<W: Work>(work: W) -> W::Done {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
        fn with_avx2<W: Work>(work: W) -> W::Done {
            work.work()
        }
        if has_avx2() {
            #[expect(unsafe_code, reason = "the one way to call what not every processor can do")]
            // SAFETY: it has just been asked whether it can.
            return unsafe { with_avx2(work) };
        }
    }
    work.work()
}

/// Asked of the processor once; afterwards a load and a comparison.
#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
}
