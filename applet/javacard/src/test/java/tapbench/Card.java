package tapbench;

import java.util.Arrays;
import javacard.security.ECPrivateKey;

/** The applet's parts as one card holds them, for tests that don't go through commands. */
final class Card {
    final Count count = new Count();
    final Transients ram = new Transients();
    final ECPrivateKey kem = Curve.newPrivate();
    final ECPrivateKey card = Curve.newPrivate();
    final Algorithms algorithms = new Algorithms(kem, ram);
    final Hmac hmac = new Hmac(count.of(algorithms.sha256), ram);
    final Hpke hpke = new Hpke(hmac, count.of(algorithms.ecdh), ram);
    final SecureMessaging channel = new SecureMessaging(
        count.of(algorithms.block), count.of(algorithms.cbc), ram);
    final Signing signing = new Signing(count.of(algorithms.ecdsa), Curve.newPublic(), ram);

    static ECPrivateKey set(ECPrivateKey key, byte[] scalar) {
        key.setS(scalar, (short) 0, (short) scalar.length);
        return key;
    }

    /** Returns a part of the work array. */
    byte[] work(short from, short len) {
        return Arrays.copyOfRange(ram.work, from, from + len);
    }
}
