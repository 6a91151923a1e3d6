"""The lab: whole hosts with an IOMMU and devices to lend, inside QEMU, on any machine. docs/lab.md tells how it works."""
