#include "varia/plugin.hpp"

// The tag alone, without VARIA_PLUGIN.
extern "C" {
VARIA_API extern const char varia_abi_tag[];
__attribute__((section(VARIA_ABI_TAG), used, retain)) const char varia_abi_tag[] = VARIA_ABI_TAG;
}
