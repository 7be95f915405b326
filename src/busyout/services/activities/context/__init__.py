"""Operations on what is defined of the context of customers."""
