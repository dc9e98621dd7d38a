package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import javacard.framework.ISOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SecureMessagingTest {
    private static final int ROOM = 32; // padding and MAC

    static Iterable<Vector> sealed() {
        return Vector.all("seal-");
    }

    static Iterable<Vector> macs() {
        return Vector.all("cmac-");
    }

    @ParameterizedTest
    @MethodSource("sealed")
    void refusesAnyChangedByte(Vector v) {
        Card card = cardWithKeys(v);
        byte[] sealed = v.get("sealed");
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 0x01;
            assertRefused(card, v, v.get("counter"), v.get("ad"), changed);
        }
    }

    @ParameterizedTest
    @MethodSource("sealed")
    void refusesAnyShorterMessage(Vector v) {
        Card card = cardWithKeys(v);
        for (int len = 0; len < v.get("sealed").length; len++) {
            assertRefused(card, v, v.get("counter"), v.get("ad"),
                Arrays.copyOf(v.get("sealed"), len));
        }
    }

    @ParameterizedTest
    @MethodSource("sealed")
    void refusesAnotherCounterOrOtherData(Vector v) {
        Card card = cardWithKeys(v);
        byte[] counter = v.get("counter");
        counter[3] ^= 1;
        assertRefused(card, v, counter, v.get("ad"), v.get("sealed"));
        assertRefused(card, v, v.get("counter"), Arrays.copyOf(v.get("ad"), 31), v.get("sealed"));
    }

    @ParameterizedTest
    @MethodSource("sealed")
    void opens(Vector v) {
        byte[] buf = v.get("sealed");
        byte[] ad = v.get("ad");
        short len = cardWithKeys(v).channel.open(v.get("counter"), (short) 0, ad, (short) 0,
            (short) ad.length, buf, (short) 0, (short) buf.length);
        assertArrayEquals(v.get("plaintext"), Arrays.copyOf(buf, len));
    }

    @ParameterizedTest
    @MethodSource("sealed")
    void sealsAtAnyPlace(Vector v) {
        byte[] plain = v.get("plaintext");
        byte[] buf = new byte[5 + plain.length + ROOM];
        byte[] ad = v.get("ad");
        System.arraycopy(plain, 0, buf, 5, plain.length);
        short len = cardWithKeys(v).channel.seal(v.get("counter"), (short) 0, ad, (short) 0,
            (short) ad.length, buf, (short) 5, (short) plain.length);
        assertArrayEquals(v.get("sealed"), Arrays.copyOfRange(buf, 5, 5 + len));
    }

    @ParameterizedTest
    @MethodSource("macs")
    void macs(Vector v) {
        assertMac(v.get("key"), v.get("message"), v.get("mac"));
    }

    @Test
    void macsTheHostsChallenge() {
        Vector v = Vector.read("host-auth");
        byte[] message = new byte[1 + Wire.LABEL.length + Wire.NONCE_LEN];
        message[0] = Wire.MSG_HOST_AUTH;
        System.arraycopy(Wire.LABEL, 0, message, 1, Wire.LABEL.length);
        System.arraycopy(v.get("challenge"), 0, message, 1 + Wire.LABEL.length, Wire.NONCE_LEN);
        assertMac(v.get("pairing_key"), message, v.get("mac"));
    }

    private static void assertMac(byte[] key, byte[] message, byte[] mac) {
        Card card = new Card();
        byte[] keys = new byte[32];
        System.arraycopy(key, 0, keys, 16, 16);
        card.channel.setKeys(keys, (short) 0);
        card.channel.beginMac();
        card.channel.updateMac(message, (short) 0, (short) message.length);
        card.channel.finishMac();
        assertTrue(card.channel.isMac(mac, (short) 0));
        mac[15] ^= 1;
        assertFalse(card.channel.isMac(mac, (short) 0));
    }

    private static void assertRefused(Card card, Vector v, byte[] counter, byte[] ad, byte[] buf) {
        byte[] before = buf.clone();
        ISOException e = assertThrows(ISOException.class, () -> card.channel.open(counter,
            (short) 0, ad, (short) 0, (short) ad.length, buf, (short) 0, (short) buf.length));
        assertEquals(Wire.SW_WRONG_DATA, e.getReason());
        assertArrayEquals(before, buf, v + ": decrypted before the MAC was right");
    }

    private static Card cardWithKeys(Vector v) {
        Card card = new Card();
        byte[] keys = Arrays.copyOf(v.get("enc_key"), 32);
        System.arraycopy(v.get("mac_key"), 0, keys, 16, 16);
        card.channel.setKeys(keys, (short) 0);
        return card;
    }
}
