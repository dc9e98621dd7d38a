package tapbench;

import java.util.Arrays;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;

/** The applet's parts as one card holds them, for tests that don't go through commands. */
final class Card {
    final Algorithms algorithms = new Algorithms();
    final Transients ram = new Transients();
    final Persistent persistent = new Persistent();
    final Hpke hpke = new Hpke(new Hmac(algorithms.sha256, ram), algorithms.ecdh, ram);
    final SecureMessaging channel = new SecureMessaging(algorithms.block, algorithms.cbc, ram);
    final Signing signing = new Signing(algorithms.ecdsa, ram);

    static ECPrivateKey set(ECPrivateKey key, byte[] scalar) {
        key.setS(scalar, (short) 0, (short) scalar.length);
        return key;
    }

    static ECPublicKey set(ECPublicKey key, byte[] point) {
        key.setW(point, (short) 0, (short) point.length);
        return key;
    }

    /** Returns a part of the work array. */
    byte[] work(short from, short len) {
        return Arrays.copyOfRange(ram.work, from, from + len);
    }
}
