package tearing;

import java.util.Set;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Rewrites the platform's factories of algorithms: they ask {@link Lacking} first. */
final class LackingRewriter extends ClassVisitor {
    /** The classes that it is for. */
    static final Set<String> TARGETS = Set.of("javacard/security/Signature",
        "javacard/security/KeyAgreement", "javacard/security/MessageDigest",
        "javacardx/crypto/Cipher");

    private String simple;

    LackingRewriter(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    @Override
    public void visit(int version, int access, String name, String signature, String superName,
            String[] interfaces) {
        simple = name.substring(name.lastIndexOf('/') + 1);
        super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
            String[] exceptions) {
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
        if (!name.equals("getInstance") || !descriptor.startsWith("(BZ)")) {
            return next;
        }
        return new MethodVisitor(Opcodes.ASM9, next) {
            @Override
            public void visitCode() {
                super.visitCode();
                super.visitLdcInsn(simple);
                super.visitVarInsn(Opcodes.ILOAD, 0);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, "tearing/Lacking", "check",
                    "(Ljava/lang/String;B)V", false);
            }
        };
    }
}
