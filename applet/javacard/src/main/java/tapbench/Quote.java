package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * A TPM's quote of PCR 23 of the SHA-256 bank, and of nothing else, so that every length in it is
 * fixed (TPM 2.0 Library, Part 2, 10.12.8 and 10.12.12): magic, type, signer [36], extraData [34],
 * clock [17], firmware [8], selection [10], digest [34]. Clock, firmware and the signer's name
 * aren't looked at.
 */
final class Quote {
    private static final short SIGNER = 6;
    private static final short EXTRA = (short) (SIGNER + 36);
    private static final short SELECTION = (short) (EXTRA + 34 + 17 + 8);
    private static final short DIGEST = (short) (SELECTION + 10);

    private static final byte[] HEAD = {(byte) 0xFF, 'T', 'C', 'G', (byte) 0x80, 0x18};
    private static final byte[] SIGNER_HEAD = {0, 0x22, 0, 0x0B};
    private static final byte[] HASH_HEAD = {0, 0x20};
    private static final byte[] PCR_23 = {0, 0, 0, 1, 0, 0x0B, 3, 0, 0, (byte) 0x80};
    /** What follows the label in the question: that the element judges. */
    private static final byte[] QUESTION = {' ', 'q', 'u', 'o', 't', 'e', 3};
    private static final byte[] ZEROS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0};

    private final MessageDigest sha256;
    private final Signing signing;
    private final Transients ram;
    private final byte[] card;
    private final byte[] launch;

    Quote(Element element) {
        sha256 = element.algorithms.sha256;
        signing = element.signing;
        ram = element.ram;
        card = element.persistent.card;
        launch = element.persistent.launch;
    }

    /**
     * Checks TPMS_ATTEST [145] || signature [64] by PK_AK: that it answers the question with the
     * challenge in {@link Transients#NONCE}, for the program of the reference. Wrong: 6A80.
     */
    void check(byte[] quote, short off) {
        boolean right = has(quote, off, HEAD) && has(quote, (short) (off + SIGNER), SIGNER_HEAD)
            && has(quote, (short) (off + EXTRA), HASH_HEAD)
            && has(quote, (short) (off + SELECTION), PCR_23)
            && has(quote, (short) (off + DIGEST), HASH_HEAD);
        if (right) {
            register();
            right = isHash(quote, (short) (off + DIGEST + 2));
        }
        if (right) {
            question();
            right = isHash(quote, (short) (off + EXTRA + 2));
        }
        if (!right) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return;
        }
        signing.beginBare(launch, LaunchState.AK);
        signing.update(quote, off, Wire.ATTEST_LEN);
        signing.check(quote, (short) (off + Wire.ATTEST_LEN));
    }

    /** Hashes the PCR's value after the program's start: it was reset, then extended. */
    private void register() {
        sha256.reset();
        sha256.update(ZEROS, (short) 0, Wire.HASH_LEN);
        sha256.doFinal(launch, LaunchState.PROGRAM, Wire.HASH_LEN, ram.work, Transients.TH);
        sha256.doFinal(ram.work, Transients.TH, Wire.HASH_LEN, ram.work, Transients.TH);
    }

    /** Hashes what the quote has to answer; the software id with its length, without its zeros. */
    private void question() {
        short software = (short) (1 + launch[LaunchState.SOFTWARE]);
        sha256.reset();
        sha256.update(Wire.LABEL, (short) 0, (short) Wire.LABEL.length);
        sha256.update(QUESTION, (short) 0, (short) QUESTION.length);
        sha256.update(ram.work, Transients.NONCE, Wire.NONCE_LEN);
        sha256.update(ZEROS, (short) 0, Wire.SESSION_ID_LEN);
        sha256.update(launch, LaunchState.SOFTWARE, software);
        sha256.update(launch, LaunchState.AK, Wire.POINT_LEN);
        sha256.doFinal(card, CardState.SE_KEY, Wire.POINT_LEN, ram.work, Transients.TH);
    }

    private boolean isHash(byte[] quote, short off) {
        return Util.arrayCompare(quote, off, ram.work, Transients.TH, Wire.HASH_LEN) == 0;
    }

    private static boolean has(byte[] quote, short off, byte[] part) {
        return Util.arrayCompare(quote, off, part, (short) 0, (short) part.length) == 0;
    }
}
