"""What every call passes before and after its servicer, in a fixed order.

Admission (room for one more?) → request id → metrics → error mapping →
authentication → permission → rate limit → deadline → parsing → servicer.
"""
