package tapbench;

import tearing.Sources;

/**
 * The bridge's operation K: cards draw from a seed from now on, nonces and private keys alike, and
 * sign by RFC 6979; without data they draw by chance again. It needs the tearing agent in the JVM.
 */
final class Recorded {
    private Recorded() {
    }

    static void use(byte[] seed) {
        if (seed.length == 0) {
            Sources.release();
        } else {
            Sources.record(seed);
        }
    }
}
