// The ABI tag of a library, read before anything of it runs.
#include "fuzz/fuzz.hpp"
#include "host/abi_tag.hpp"

using namespace varia;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = fuzz::write_file("plugin.so", fuzz::text_of(data, size));
  host::AbiTag tag;
  if (!fuzz::accepts<PluginError>([&] { tag = host::read_abi_tag(path); })) return 0;
  for (const auto& [name, value] : tag.fields)
    for (const unsigned char byte : name + value)
      fuzz::require(byte > ' ' && byte < 0x7F, "a tag is plain text");
  fuzz::require(host::abi_mismatch(tag, tag).empty(), "a tag agrees with itself");
  host::abi_mismatch(tag, host::own_abi_tag());
  return 0;
}
