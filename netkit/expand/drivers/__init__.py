"""What a network and its endpoints are made of; each driver answers with objects and acts not."""
