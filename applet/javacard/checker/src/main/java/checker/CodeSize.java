package checker;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * About how many bytes a converter makes of a program, instruction by instruction, with the Java
 * Card instruction that says the same (Java Card VM specification, classic edition 3.0.5, 7). An
 * estimate: converters optimise, and cards keep code as they like.
 */
final class CodeSize {
    private static final int HEADER = 2; // of a method
    private static final int HANDLER = 8;
    private static final int REFERENCE = 4; // an entry of the constant pool

    private CodeSize() {
    }

    /** Returns the bytes of each class: its methods, its tables and its constant arrays. */
    static Map<String, Integer> byClass(Program program) {
        Map<String, Integer> sizes = new TreeMap<>();
        for (ClassNode type : program.classes()) {
            int bytes = 10 + 2 * type.interfaces.size(); // its class_info
            for (MethodNode method : type.methods) {
                boolean isInitialiser = method.name.equals("<clinit>");
                bytes += isInitialiser ? constants(method) : of(method);
                bytes += isInitialiser ? 0 : 2; // its place in the method table
            }
            for (FieldNode field : type.fields) {
                bytes += (field.access & Opcodes.ACC_STATIC) != 0 && field.value == null ? 2 : 0;
            }
            sizes.put(type.name, bytes);
        }
        return sizes;
    }

    /** Returns the bytes of the constant pool, which all classes of a package share. */
    static int constantPool(Program program) {
        Set<String> references = new HashSet<>();
        for (Program.Member member : program.members()) {
            for (AbstractInsnNode insn : member.method().instructions) {
                if (insn instanceof MethodInsnNode call) {
                    references.add(call.owner + "." + call.name + call.desc);
                } else if (insn instanceof FieldInsnNode field) {
                    references.add(field.owner + "." + field.name);
                } else if (insn instanceof TypeInsnNode type) {
                    references.add(type.desc);
                }
            }
        }
        return REFERENCE * references.size();
    }

    /** A static initialiser's arrays are data: an element for each store. */
    private static int constants(MethodNode method) {
        int bytes = 0;
        for (AbstractInsnNode insn : method.instructions) {
            if (insn instanceof IntInsnNode array && insn.getOpcode() == Opcodes.NEWARRAY) {
                AbstractInsnNode length = insn.getPrevious();
                int count = length instanceof IntInsnNode push ? push.operand
                    : Math.max(0, length.getOpcode() - Opcodes.ICONST_0);
                bytes += 3 + count * (array.operand == Opcodes.T_SHORT ? 2 : 1);
            }
        }
        return bytes;
    }

    /** Returns the bytes of a method. */
    static int of(MethodNode method) {
        if (method.instructions.size() == 0) {
            return 0;
        }
        int bytes = HEADER + (isLarge(method) ? 2 : 0) + HANDLER * method.tryCatchBlocks.size();
        for (AbstractInsnNode insn : method.instructions) {
            bytes += insn.getOpcode() < 0 ? 0 : of(insn);
        }
        return bytes;
    }

    private static boolean isLarge(MethodNode method) {
        int arguments = Type.getArgumentsAndReturnSizes(method.desc) >> 2;
        return method.maxStack > 15 || arguments > 15 || method.maxLocals - arguments > 15;
    }

    private static int of(AbstractInsnNode insn) {
        if (insn instanceof VarInsnNode load) {
            return load.var < 4 ? 1 : 2; // aload_0 to aload_3
        }
        if (insn instanceof TableSwitchInsnNode table) {
            return 7 + 2 * table.labels.size();
        }
        if (insn instanceof LookupSwitchInsnNode lookup) {
            return 5 + 4 * lookup.labels.size();
        }
        if (insn instanceof MethodInsnNode) {
            return insn.getOpcode() == Opcodes.INVOKEINTERFACE ? 5 : 3;
        }
        if (insn instanceof LdcInsnNode) {
            return 3;
        }
        return switch (insn.getOpcode()) {
            case Opcodes.I2S -> 0; // a short is what it is already
            case Opcodes.BIPUSH, Opcodes.NEWARRAY, Opcodes.GETFIELD, Opcodes.PUTFIELD -> 2;
            case Opcodes.SIPUSH, Opcodes.GETSTATIC, Opcodes.PUTSTATIC, Opcodes.NEW,
                Opcodes.ANEWARRAY, Opcodes.IINC -> 3;
            case Opcodes.CHECKCAST, Opcodes.INSTANCEOF -> 4;
            case Opcodes.DUP_X1, Opcodes.DUP_X2, Opcodes.SWAP -> 2;
            case Opcodes.GOTO, Opcodes.IFNULL, Opcodes.IFNONNULL -> 2;
            default -> insn.getOpcode() >= Opcodes.IFEQ && insn.getOpcode() <= Opcodes.IF_ACMPNE
                ? 2 : 1;
        };
    }
}
