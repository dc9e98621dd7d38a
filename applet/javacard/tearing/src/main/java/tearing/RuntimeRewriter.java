package tearing;

import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Rewrites jCardSim's runtime: its handlers of exceptions don't turn a power cut into a status
 * word, a command that returns with an open transaction has it aborted, and a reset brings the
 * power back.
 */
final class RuntimeRewriter extends ClassVisitor {
    /** The class that it is for. */
    static final String TARGET = "com/licel/jcardsim/base/SimulatorRuntime";

    private static final Set<String> COMMANDS = Set.of("transmitCommand", "installApplet",
        "deselect");

    RuntimeRewriter(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
            String[] exceptions) {
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
        return new Body(next, name);
    }

    private static final class Body extends MethodVisitor {
        private final String name;
        private final Set<Label> handlers = new HashSet<>();
        private boolean atHandler;

        Body(MethodVisitor next, String name) {
            super(Opcodes.ASM9, next);
            this.name = name;
        }

        private void stores(String method) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, "tearing/Stores", method, "()V", false);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            if (name.equals("reset") || name.equals("resetRuntime")) {
                stores("powerOn");
            }
        }

        @Override
        public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
            if (type != null) { // finally clauses tidy the runtime up, and may
                handlers.add(handler);
            }
            super.visitTryCatchBlock(start, end, handler, type);
        }

        @Override
        public void visitLabel(Label label) {
            super.visitLabel(label);
            atHandler |= handlers.contains(label);
        }

        /** A handler begins by keeping the exception or by dropping it. */
        @Override
        public void visitVarInsn(int opcode, int varIndex) {
            if (atHandler) {
                atHandler = false;
                stores("checkPower");
            }
            super.visitVarInsn(opcode, varIndex);
        }

        @Override
        public void visitInsn(int opcode) {
            if (atHandler) {
                atHandler = false;
                stores("checkPower");
            }
            if (COMMANDS.contains(name) && opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
                stores("returned");
            }
            super.visitInsn(opcode);
        }
    }
}
