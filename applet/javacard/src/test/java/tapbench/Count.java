package tapbench;

import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** Counts what the applet asks of the platform, by wrapping the platform's algorithms. */
final class Count {
    int hashes;
    int hashedBytes;
    int agreements;
    int signatures;
    int verifications;
    int cipherInits;
    int blocks;

    /** Begins anew. */
    void reset() {
        hashes = hashedBytes = agreements = signatures = verifications = cipherInits = blocks = 0;
    }

    MessageDigest of(MessageDigest wrapped) {
        return new MessageDigest() {
            @Override
            public byte getAlgorithm() {
                return wrapped.getAlgorithm();
            }

            @Override
            public byte getLength() {
                return wrapped.getLength();
            }

            @Override
            public short doFinal(byte[] in, short off, short len, byte[] out, short outOff) {
                hashes++;
                hashedBytes += len;
                return wrapped.doFinal(in, off, len, out, outOff);
            }

            @Override
            public void update(byte[] in, short off, short len) {
                hashedBytes += len;
                wrapped.update(in, off, len);
            }

            @Override
            public void reset() {
                wrapped.reset();
            }
        };
    }

    KeyAgreement of(KeyAgreement wrapped) {
        return new KeyAgreement() {
            @Override
            public void init(PrivateKey key) {
                wrapped.init(key);
            }

            @Override
            public byte getAlgorithm() {
                return wrapped.getAlgorithm();
            }

            @Override
            public short generateSecret(byte[] in, short off, short len, byte[] out, short to) {
                agreements++;
                return wrapped.generateSecret(in, off, len, out, to);
            }
        };
    }

    Cipher of(Cipher wrapped) {
        return new Cipher() {
            @Override
            public void init(Key key, byte mode) {
                cipherInits++;
                wrapped.init(key, mode);
            }

            @Override
            public void init(Key key, byte mode, byte[] iv, short off, short len) {
                cipherInits++;
                wrapped.init(key, mode, iv, off, len);
            }

            @Override
            public byte getAlgorithm() {
                return wrapped.getAlgorithm();
            }

            @Override
            public byte getCipherAlgorithm() {
                return wrapped.getCipherAlgorithm();
            }

            @Override
            public byte getPaddingAlgorithm() {
                return wrapped.getPaddingAlgorithm();
            }

            @Override
            public short doFinal(byte[] in, short off, short len, byte[] out, short outOff) {
                blocks += len / 16;
                return wrapped.doFinal(in, off, len, out, outOff);
            }

            @Override
            public short update(byte[] in, short off, short len, byte[] out, short outOff) {
                blocks += len / 16;
                return wrapped.update(in, off, len, out, outOff);
            }
        };
    }

    Signature of(Signature wrapped) {
        return new CountedSignature(this, wrapped);
    }
}
