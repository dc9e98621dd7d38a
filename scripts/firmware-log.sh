#!/bin/sh
# firmware-log.sh FOLDER
#
# Makes testdata/firmware anew, see its README: boots Debian's own kernel in QEMU from OVMF with a
# swtpm as its TPM, without and with Secure Boot. Needs qemu-system-x86, ovmf, systemd-boot-efi,
# sbsigntool, binutils, swtpm-tools, busybox-static, cpio and a network for the kernel's package. It
# starts nothing that outlives it and needs no privileges.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=$(mkdir -p -- "$1" && CDPATH='' cd -- "$1" && pwd)
work=$(mktemp -d)
trap 'kill "$tpm" 2>/dev/null || :; rm -rf "$work"' EXIT
tpm=
cd "$work"
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
apt-get -qq download "$package"
dpkg -x linux-image-*.deb kernel
mkdir -p root/bin root/usr/bin root/tmp root/proc root/sys root/dev
cp /bin/busybox root/bin/
printf '#!/bin/busybox sh\necho wallet runs\n' >root/usr/bin/wallet
sed '1s,.*,#!/bin/busybox sh,' "$here/firmware-init.sh" >root/init
chmod +x root/init root/usr/bin/wallet
(cd root && find . | cpio -o -H newc 2>/dev/null | gzip) >initrd

# One EFI program: systemd's stub with the kernel, its command line and its root within.
echo 'console=ttyS0 quiet ima_template=ima-ng' >cmdline
objcopy --add-section .cmdline=cmdline --change-section-vma .cmdline=0x30000 \
	--add-section .linux=$(echo kernel/boot/vmlinuz-*) --change-section-vma .linux=0x2000000 \
	--add-section .initrd=initrd --change-section-vma .initrd=0x3000000 \
	/usr/lib/systemd/boot/efi/linuxx64.efi.stub plain
openssl pkey -in /usr/share/ovmf/PkKek-1-snakeoil.key -passin pass:snakeoil -out key.pem
sbsign --key key.pem --cert /usr/share/ovmf/PkKek-1-snakeoil.pem --output signed plain

# boot NAME PROGRAM VARIABLES
boot() {
	rm -rf state control && mkdir -p state esp/EFI/BOOT
	cp "$2" esp/EFI/BOOT/BOOTX64.EFI
	cp "/usr/share/OVMF/$3" variables
	swtpm_setup --tpm2 --tpmstate "$work/state" >setup.log
	swtpm socket --tpm2 --tpmstate "dir=$work/state" \
		--ctrl "type=unixio,path=$work/control" --terminate >swtpm.log 2>&1 &
	tpm=$!
	until [ -S "$work/control" ]; do kill -0 "$tpm"; done
	timeout 600 qemu-system-x86_64 -M q35,smm=on,accel=tcg -m 512 \
		-nographic -no-reboot -nic none -global driver=cfi.pflash01,property=secure,value=on \
		-drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd \
		-drive if=pflash,format=raw,unit=1,file=variables \
		-drive file=fat:rw:esp,format=raw,if=virtio \
		-chardev "socket,id=tpm,path=$work/control" \
		-tpmdev emulator,id=tpm0,chardev=tpm -device tpm-crb,tpmdev=tpm0 | tr -d '\r' >log
	wait "$tpm" || :
	sed -n 's/^@log //p' log | base64 -d >"$out/$1.log"
	sed -n 's/^@list //p' log | base64 -d >"$out/$1.ima"
	sed -n 's/^@pcr //p' log >"$out/$1.pcrs"
	[ -s "$out/$1.log" ] && [ -s "$out/$1.ima" ] && [ -s "$out/$1.pcrs" ] || { cat log >&2; exit 1; }
}

boot ovmf plain OVMF_VARS_4M.fd
boot ovmf-secureboot signed OVMF_VARS_4M.snakeoil.fd
