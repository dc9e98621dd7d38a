package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import javacard.framework.ISOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HpkeTest {
    static Iterable<Vector> vectors() {
        return Vector.all("hpke-");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void exportsTheKeys(Vector v) {
        Card card = new Card();
        open(card, v);
        assertArrayEquals(v.get("exporter_secret"), card.work(Transients.SECRET, (short) 32));
        card.hpke.exportKeys(v.get("info")[0]);
        assertArrayEquals(v.get("enc_key"), card.work(Transients.KEYS, (short) 16));
        assertArrayEquals(v.get("mac_key"), card.work((short) (Transients.KEYS + 16), (short) 16));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void refusesAPointOffTheCurve(Vector v) {
        Card card = new Card();
        byte[] enc = v.get("enc");
        enc[64] ^= 1;
        v.fields().put("enc", enc);
        ISOException e = assertThrows(ISOException.class, () -> open(card, v));
        assertEquals(Wire.SW_WRONG_DATA, e.getReason());
    }

    /** The same point in the hybrid encoding (SEC 1, 2.3.3), which jCardSim's library reads. */
    @ParameterizedTest
    @MethodSource("vectors")
    void refusesAHybridPoint(Vector v) {
        Card card = new Card();
        byte[] enc = v.get("enc");
        enc[0] = (byte) (0x06 | enc[64] & 1);
        v.fields().put("enc", enc);
        ISOException e = assertThrows(ISOException.class, () -> open(card, v));
        assertEquals(Wire.SW_WRONG_DATA, e.getReason());
    }

    @Test
    void exportsTheSharedKeyOfAnAccount() {
        Vector v = Vector.read("open-account");
        Card card = new Card();
        card.hpke.decapsulate(Card.set(card.kem, v.get("bank_private")),
            v.get("bank_public"), (short) 0, v.get("enc"), (short) 0, Wire.MSG_OPEN_ACCOUNT);
        card.hpke.exportShared();
        assertArrayEquals(v.get("shared_key"), card.work(Transients.KEYS, (short) 32));
    }

    @Test
    void leavesNothingAfterWiping() {
        Card card = new Card();
        open(card, Vector.read("hpke-aid-grant"));
        card.ram.wipe();
        assertArrayEquals(new byte[Transients.WORK_LEN], card.ram.work);
    }

    private static void open(Card card, Vector v) {
        card.hpke.decapsulate(Card.set(card.kem, v.get("recipient_private")),
            v.get("recipient_public"), (short) 0, v.get("enc"), (short) 0, v.get("info")[0]);
    }
}
