package tapbench;

import java.lang.reflect.Field;
import java.security.SecureRandom;
import javacard.security.KeyPair;

/**
 * Where a simulated card's private keys come from. jCardSim gives each KeyPair a source of its own,
 * which always begins alike, whatever its settings: so every object's first key would be the same.
 */
public final class KeySource {
    private static final SecureRandom RANDOM = new FullLength();

    /** jCardSim writes a scalar that begins with a zero into its object one byte too far left. */
    private static final class FullLength extends SecureRandom {
        private static final long serialVersionUID = 1;

        @Override
        public void nextBytes(byte[] bytes) {
            do {
                super.nextBytes(bytes);
            } while (bytes[0] == 0);
        }
    }

    private KeySource() {
    }

    /** Gives key pairs a source that is random. */
    public static void randomize(KeyPair... pairs) {
        try {
            for (KeyPair pair : pairs) {
                Object implementation = field(KeyPair.class, "impl").get(pair);
                field(implementation.getClass(), "rnd").set(implementation, RANDOM);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another jCardSim: its key pairs have changed", e);
        }
    }

    private static Field field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
