package tapbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.licel.jcardsim.bouncycastle.crypto.engines.AESEngine;
import com.licel.jcardsim.bouncycastle.crypto.macs.CMac;
import com.licel.jcardsim.bouncycastle.crypto.params.KeyParameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tearing.Power;

/**
 * The commands from the first key to an open bank account, each cut before each of its stores. What
 * PROTOCOL.md asks of a torn command: the state is the one from before, and the card goes on with
 * it. A private key and the public key that was given out for it never part.
 */
class PersonaliseTearingTest {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final Authority CA = new Authority();
    private static final byte[] PAIRING = HEX.parseHex("000102030405060708090A0B0C0D0E0F");
    private static final byte[] USER = ascii("user-of-the-card");

    /**
     * What a host does, in this order; each needs those before it. MAKE_SPARE makes the same key as
     * MAKE_KEY: jCardSim draws alike for each key pair object, and there are two here.
     */
    enum Step {
        MAKE_KEY, MAKE_SPARE, MAKE_KEY_AGAIN, PERSONALISE, CREATE_USER, OPEN_ACCOUNT, BIND_AK,
        REQUEST
    }

    /** A card and what its host knows. */
    private static final class Bench {
        final Installed card = new Installed();
        byte[] seKey;

        Bench(Step upTo) {
            select();
            for (Step step : Step.values()) {
                if (step == upTo) {
                    break;
                }
                run(step);
            }
            if (upTo.compareTo(Step.PERSONALISE) > 0) {
                prove();
            }
        }

        private void select() {
            card.reset();
            assertEquals("9000", card.send("00A404000AF054415042454E434801"));
        }

        void run(Step step) {
            if (step.compareTo(Step.PERSONALISE) > 0) {
                prove();
            }
            String answer = command(step);
            assertTrue(answer.matches(".*(9000|61..)"), step + ": " + answer);
        }

        /** Sends a step's command and returns the answer to its last part. */
        String command(Step step) {
            switch (step) {
                case MAKE_KEY, MAKE_SPARE, MAKE_KEY_AGAIN -> {
                    String answer = card.send("8010000000");
                    seKey = HEX.parseHex(answer.substring(0, 2 * Wire.POINT_LEN));
                    return answer;
                }
                case PERSONALISE -> {
                    return send("80120000", Authority.join(Authority.ID, CA.point,
                        CA.certificate(Wire.CERT_SE, USER, seKey), PAIRING));
                }
                case CREATE_USER -> {
                    return send("80140000", USER);
                }
                case OPEN_ACCOUNT -> {
                    byte[] bank = ascii("BANK0001        ");
                    byte[] both = Authority.join(
                        CA.certificate(Wire.CERT_BANK_SIGN, bank, CA.point),
                        CA.certificate(Wire.CERT_BANK_KEM, bank, CA.point));
                    assertEquals("9000", send("90160000", Arrays.copyOf(both, 200)));
                    return send("80160000", Arrays.copyOfRange(both, 200, both.length));
                }
                case BIND_AK -> {
                    return send("80180000", CA.point);
                }
                default -> {
                    return card.send("8030000000");
                }
            }
        }

        private String send(String header, byte[] data) {
            return card.send(header + "%02X".formatted(data.length) + HEX.formatHex(data));
        }

        /** GET CHALLENGE and EXTERNAL AUTHENTICATE. */
        void prove() {
            byte[] challenge = HEX.parseHex(card.send("0084000000").substring(0, 32));
            CMac mac = new CMac(new AESEngine());
            mac.init(new KeyParameter(PAIRING));
            byte[] message = Authority.join(new byte[] {Wire.MSG_HOST_AUTH}, Wire.LABEL, challenge);
            mac.update(message, 0, message.length);
            byte[] proof = new byte[Wire.MAC_LEN];
            mac.doFinal(proof, 0);
            assertEquals("9000", send("00820000", proof));
        }

        /** Returns everything persistent but the spare keys, which nothing refers to. */
        List<String> state() {
            return new State(card.applet().element).all();
        }

        void checkPairs() {
            byte[] kept = card.applet().element.persistent.card;
            checkPair("PK_SE", kept, CardState.SE_KEY, Keys.SE);
            if (kept[CardState.USER] != 0) {
                checkPair("PK_U", kept, CardState.USER_KEY, Keys.USER);
            }
        }

        private void checkPair(String name, byte[] kept, short off, short place) {
            if (kept[off] != 0) {
                byte[] point = Arrays.copyOfRange(kept, off, off + Wire.POINT_LEN);
                byte[] scalar = new State(card.applet().element).key(place);
                assertTrue(CA.isPair(scalar, point), name + " and its private key have parted");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MAKE_SPARE")
    void leavesTheOldState(Step step) {
        List<List<String>> old = new ArrayList<>();
        long stores = Power.everyCut(() -> {
            Bench bench = new Bench(step);
            old.add(0, bench.state());
            return bench;
        }, bench -> bench.command(step), (bench, cut) -> {
            List<String> now = bench.state();
            if (cut == 0) {
                assertNotEquals(old.get(0), now, "nothing changed");
            } else {
                assertEquals(old.get(0), now, "cut before store " + cut);
                bench.select();
                bench.run(step);
            }
            bench.checkPairs();
        });
        assertTrue(stores > 1, step + " stores nothing");
        assertTrue(Power.largestTransaction() <= 700, "bytes in one transaction");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
