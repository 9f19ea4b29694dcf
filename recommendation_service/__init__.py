"""The recommendation service: learns two towers from what people do, and serves them."""
