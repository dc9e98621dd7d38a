package checker;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.ClassNode;

/**
 * Refuses what exceeds the formats of a CAP file (Java Card VM specification, classic edition
 * 3.0.5, 2.2.4): they count with bytes.
 */
final class LimitRule implements Rule {
    private static final int MAX_FIELDS = 255; // of an object, in words
    private static final int MAX_METHODS = 128; // virtual ones, public or package-visible
    private static final int MAX_LOCALS = 255;
    private static final int MAX_CODE = 32_767;

    @Override
    public List<Finding> check(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        Program program = subject.program();
        for (ClassNode type : program.classes()) {
            long fields = 0;
            long methods = 0;
            for (ClassNode c = type; c != null; c = program.get(c.superName)) {
                fields += c.fields.stream().filter(f -> !isStatic(f.access)).count();
                methods += c.methods.stream()
                    .filter(m -> !isStatic(m.access) && !m.name.startsWith("<")).count();
            }
            if (fields > MAX_FIELDS) {
                findings.add(Finding.of("limit", type, fields + " fields, 255 at most"));
            }
            if (methods > MAX_METHODS) {
                findings.add(Finding.of("limit", type, methods + " methods, 128 at most"));
            }
        }
        for (Program.Member member : program.members()) {
            int locals = member.method().maxLocals;
            int code = CodeSize.of(member.method());
            if (locals > MAX_LOCALS || code > MAX_CODE) {
                findings.add(Finding.of("limit", member.type(), member.method(),
                    locals + " local variables, 255 at most; about " + code
                    + " bytes of code, 32,767 at most"));
            }
        }
        return findings;
    }

    private static boolean isStatic(int access) {
        return (access & Opcodes.ACC_STATIC) != 0;
    }
}
