package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.licel.jcardsim.smartcardio.CardSimulator;
import com.licel.jcardsim.utils.AIDUtil;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javacard.framework.AID;
import javacard.security.ECPrivateKey;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The card's cryptography against the vectors that Go tests against, too. */
class VectorTest {
    /** jCardSim makes transient arrays only within a running card. */
    @BeforeAll
    static void start() {
        CardSimulator simulator = new CardSimulator();
        AID aid = AIDUtil.create(Wire.AID_MANAGEMENT);
        simulator.installApplet(aid, SecureElementApplet.class);
        simulator.selectApplet(aid);
    }

    private static ECPrivateKey privateKey(byte[] scalar) {
        ECPrivateKey key = Curve.newPrivate();
        key.setS(scalar, (short) 0, (short) scalar.length);
        return key;
    }

    @TestFactory
    java.util.stream.Stream<DynamicTest> cmac() {
        return Vector.all("cmac-").stream().map(v -> DynamicTest.dynamicTest(v.name(), () -> {
            SecureMessaging channel = new SecureMessaging();
            channel.setKeys(v.get("key"), (short) 0, v.get("key"), (short) 0);
            byte[] out = new byte[16];
            byte[] message = v.get("message");
            channel.cmac(message, (short) 0, (short) message.length, out, (short) 0);
            assertArrayEquals(v.get("mac"), out);
        }));
    }

    @TestFactory
    java.util.stream.Stream<DynamicTest> open() {
        return Vector.all("seal-").stream().filter(v -> v.fields().containsKey("plaintext"))
            .map(v -> DynamicTest.dynamicTest(v.name(), () -> {
                SecureMessaging channel = new SecureMessaging();
                channel.setKeys(v.get("enc_key"), (short) 0, v.get("mac_key"), (short) 0);
                byte[] ad = v.get("ad");
                byte[] sealed = v.get("sealed");
                short n = channel.open(v.get("counter"), (short) 0, ad, (short) 0,
                    (short) ad.length, sealed, (short) 0, (short) sealed.length);
                assertArrayEquals(v.get("plaintext"), Arrays.copyOf(sealed, n));
                for (int at = 0; at < sealed.length; at += 7) {
                    byte[] changed = v.get("sealed");
                    changed[at] ^= 1;
                    assertEquals(-1, channel.open(v.get("counter"), (short) 0, ad, (short) 0,
                        (short) ad.length, changed, (short) 0, (short) changed.length));
                }
            }));
    }

    @TestFactory
    java.util.stream.Stream<DynamicTest> exports() {
        return Vector.all("hpke-").stream().map(v -> DynamicTest.dynamicTest(v.name(), () -> {
            Hpke hpke = new Hpke(new Hmac());
            byte[] info = v.get("info");
            hpke.open(privateKey(v.get("recipient_private")), v.get("recipient_public"), (short) 0,
                v.get("enc"), (short) 0, info, (short) 0, (short) info.length);
            byte[] out = new byte[16];
            byte[] name = v.get("context_enc");
            hpke.export(name, (short) 0, (short) name.length, out, (short) 0);
            assertArrayEquals(v.get("enc_key"), out);
            name = v.get("context_mac");
            hpke.export(name, (short) 0, (short) name.length, out, (short) 0);
            assertArrayEquals(v.get("mac_key"), out);
        }));
    }

    /** Opens phase 2 message 4 as a card does: decapsulate, export, check, decrypt. */
    @Test
    void opensTheGrant() {
        Vector v = Vector.load("aid-grant");
        byte[] sealed = v.get("sealed");
        byte[] info = prefix(Wire.MSG_AID_GRANT);
        Hpke hpke = new Hpke(new Hmac());
        hpke.open(privateKey(v.get("kem_private")), v.get("kem"), (short) 0, sealed, (short) 0,
            info, (short) 0, (short) info.length);
        byte[] keys = new byte[32];
        byte[] name = Arrays.copyOf(info, info.length + 1);
        name[info.length] = 'E';
        hpke.export(name, (short) 0, (short) name.length, keys, (short) 0);
        name[info.length] = 'M';
        hpke.export(name, (short) 0, (short) name.length, keys, (short) 16);
        SecureMessaging channel = new SecureMessaging();
        channel.setKeys(keys, (short) 0, keys, (short) 16);
        byte[] th = v.get("th_3");
        byte[] counter = new byte[4];
        short n = channel.open(counter, (short) 0, th, (short) 0, (short) th.length, sealed,
            Wire.POINT_LEN, (short) (sealed.length - Wire.POINT_LEN));
        assertTrue(n > 0);
        assertArrayEquals(v.get("body"),
            Arrays.copyOfRange(sealed, Wire.POINT_LEN, Wire.POINT_LEN + n));
    }

    private static byte[] prefix(byte type) {
        byte[] out = new byte[1 + Wire.LABEL.length];
        out[0] = type;
        System.arraycopy(Wire.LABEL, 0, out, 1, Wire.LABEL.length);
        return out;
    }

    /** Signs a tap with the vector's card key; s is always in its lower half. */
    @Test
    void signsTheTap() throws Exception {
        Vector v = Vector.load("tap");
        Signing signing = new Signing();
        ECPrivateKey key = privateKey(v.get("card_private"));
        byte[] signed = v.get("signed");
        for (int i = 0; i < 32; i++) {
            byte[] out = new byte[64];
            signing.init(key);
            signing.update(signed, (short) 0, (short) 11);
            signing.sign(signed, (short) 11, (short) (signed.length - 11), out, (short) 0);
            assertTrue(verify(v.get("card_public"), signed, out));
            assertTrue(s(out).compareTo(new BigInteger(1, Curve.N).shiftRight(1)) <= 0, "high s");
        }
        assertTrue(verify(v.get("card_public"), signed, v.get("signature")), "Go's signature");
    }

    private static BigInteger s(byte[] signature) {
        return new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
    }

    /** Verifies with the JDK, which knows nothing of ours. */
    private static boolean verify(byte[] point, byte[] signed, byte[] signature) throws Exception {
        var parameters = java.security.AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        var curve = parameters.getParameterSpec(java.security.spec.ECParameterSpec.class);
        ECPublicKey key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(
            new ECPublicKeySpec(new ECPoint(new BigInteger(1, Arrays.copyOfRange(point, 1, 33)),
                new BigInteger(1, Arrays.copyOfRange(point, 33, 65))), curve));
        var verifier = java.security.Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(key);
        verifier.update(signed);
        return verifier.verify(signature);
    }

    /** th_0 to th_2, as a card chains them. */
    @Test
    void transcript() throws Exception {
        Vector v = Vector.load("transcript");
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        for (String field : new String[] {
            "label", "phase", "initiator", "responder", "responder_id"}) {
            sha.update(v.get(field));
        }
        byte[] th = sha.digest();
        assertArrayEquals(v.get("th_0"), th);
        for (int k = 1; k <= 2; k++) {
            javacard.security.MessageDigest card = javacard.security.MessageDigest.getInstance(
                javacard.security.MessageDigest.ALG_SHA_256, false);
            byte[] message = v.get("message_" + k);
            card.update(th, (short) 0, (short) 32);
            card.doFinal(message, (short) 0, (short) message.length, th, (short) 0);
            assertArrayEquals(v.get("th_" + k), th);
        }
    }

    @Test
    void digestOfTheTap() throws Exception {
        Vector v = Vector.load("tap");
        assertArrayEquals(v.get("digest"),
            MessageDigest.getInstance("SHA-256").digest(v.get("signed")));
        assertEquals(Optional.of(Wire.SIG_TAP), Optional.of(v.get("signed")[0]));
    }
}
